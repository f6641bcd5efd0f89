//! The same scenario on both databases, beside each other: a telephone call takes its time, and two
//! of them take no longer.

use crate::world::World;
use calls::CallPolicy;
use std::thread::Builder;
use tokio::runtime;

type Open = fn(fn(&mut CallPolicy)) -> World;

/// Plays a scenario on SQLite and, at the same time, on the private PostgreSQL of this test program:
/// each with a world and telephones of its own. The name of the thread that fails says on which.
pub fn on_both(change: fn(&mut CallPolicy), scenario: impl AsyncFn(World) + Sync) {
    let play = |open: Open| {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { scenario(open(change)).await });
    };
    let engines: [(&str, Open); 2] = [("sqlite", World::with), ("postgresql", World::with_postgres)];
    std::thread::scope(|scope| {
        for (name, open) in engines {
            let thread = Builder::new().name(name.into());
            thread.spawn_scoped(scope, move || play(open)).unwrap();
        }
    });
}
