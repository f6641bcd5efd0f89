//! What the program says on standard output.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};
use std::process::exit;

/// As a shell reports a program that wrote to nobody: 128 and the number of SIGPIPE.
const NOBODY_READS: i32 = 141;

/// Writes one line. The program ends where nobody reads any more, and says so where it cannot be written.
pub fn line(text: Arguments<'_>) {
    let written = writeln!(std::io::stdout().lock(), "{text}");
    match written.map_err(|error| error.kind()) {
        Ok(()) => {}
        Err(ErrorKind::BrokenPipe) => exit(NOBODY_READS),
        Err(kind) => {
            eprintln!("huiling: standard output cannot be written: {kind}");
            exit(1)
        }
    }
}
