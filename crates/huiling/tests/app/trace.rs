//! What `strace` saw of the program.

use std::collections::HashMap;

/// One system call: the lines of the trace at which it began and returned.
pub struct Call {
    pub began: usize,
    pub returned: usize,
    pub text: String,
}

/// The calls in the order in which they began. One that another thread interrupts stands in two lines,
/// and belongs together by its thread.
pub fn calls(trace: &str) -> Vec<Call> {
    let mut unfinished: HashMap<&str, usize> = HashMap::new();
    let mut calls: Vec<Call> = Vec::new();
    for (at, line) in trace.lines().enumerate() {
        let (thread, text) = line.split_once(' ').unwrap_or_default();
        if let Some((_, rest)) = text.split_once(" resumed>") {
            if let Some(call) = unfinished.remove(thread).and_then(|place| calls.get_mut(place)) {
                call.text.push_str(rest);
                call.returned = at;
            }
            continue;
        }
        let begun = text.split_once("<unfinished ...>").map(|(begun, _)| begun);
        if begun.is_some() {
            unfinished.insert(thread, calls.len());
        }
        calls.push(Call {
            began: at,
            returned: begun.map_or(at, |_| usize::MAX),
            text: begun.unwrap_or(text).into(),
        });
    }
    calls
}

impl Call {
    pub fn is_of_log(&self, name: &str) -> bool {
        self.text.trim_start().starts_with(name) && self.text.contains("huiling.db-wal>")
    }

    /// The socket it is about, as `strace -y` names it.
    pub fn socket(&self) -> Option<&str> {
        let (_, rest) = self.text.split_once("<socket:[")?;
        Some(rest.split_once(']')?.0)
    }
}
