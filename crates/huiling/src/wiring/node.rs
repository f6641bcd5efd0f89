//! Which process of the house this is. Its calls are its own: after a restart it finds what it left
//! open, and another machine's calls are another's. The name lies in the data folder, and a lock on
//! it keeps a second process out, which would take the first one's calls for its own leftovers.

use crate::error::HuilingError;
use base::Rng;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// The file that is locked; whoever empties the folder leaves it there.
pub const NAME_FILE: &str = "node";
const NAME_LENGTH: usize = 16;

/// Held for as long as the house stands; the system lets go of the lock when the process dies.
#[derive(Debug)]
pub struct Node {
    pub name: String,
    _locked: File,
}

pub fn take(folder: &Path, rng: &Rng) -> Result<Node, HuilingError> {
    let path = folder.join(NAME_FILE);
    let failed = |what| {
        let path = path.clone();
        move |source| HuilingError::File { what, path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed("cannot make the folder of"))?;
    let opened = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path);
    let mut file = opened.map_err(failed("cannot open"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(HuilingError::Unusable(format!(
                "another huiling serve or demo serves from {} already; stop it, or give this one a folder of its \
                 own with store.folder (a demo with --folder)",
                folder.display()
            )));
        }
        Err(TryLockError::Error(source)) => return Err(failed("cannot lock")(source)),
    }
    let mut name = String::new();
    file.read_to_string(&mut name).map_err(failed("cannot read"))?;
    if !is_name(&name) {
        name = format!("{:016x}", rng.next_u64());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(name.as_bytes()))
            .and_then(|()| file.sync_all())
            .map_err(failed("cannot write"))?;
    }
    Ok(Node { name, _locked: file })
}

fn is_name(text: &str) -> bool {
    text.len() == NAME_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_serves_one_process_which_keeps_its_name() {
        let (folder, rng) = (tempfile::tempdir().unwrap(), Rng::from_seed(1));
        let first = take(folder.path(), &rng).unwrap();
        let refused = take(folder.path(), &rng).unwrap_err().to_string();
        assert!(refused.contains("store.folder"), "{refused}");
        let name = first.name.clone();
        drop(first);
        assert_eq!(take(folder.path(), &rng).unwrap().name, name);
        let elsewhere = tempfile::tempdir().unwrap();
        assert_ne!(take(elsewhere.path(), &rng).unwrap().name, name);
    }
}
