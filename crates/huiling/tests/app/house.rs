//! Starts the real program on a database of the test's own, with customers who can pay.

#[path = "../../src/bench/kill/asked.rs"]
#[expect(dead_code, reason = "the bench does more with it")]
pub mod asked;
#[path = "../../src/bench/kill/place.rs"]
pub mod place;

use std::ops::{Deref, DerefMut};
use std::process::Output;

pub use place::{Engine, Holder};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_huiling");

/// A place as the bench has it; whatever does not work there fails the test.
pub struct Place(pub place::Place);

pub struct Running(place::Running);

impl Place {
    pub fn new(engine: Engine) -> Self {
        Self(place::Place::new(engine, PROGRAM.into()).unwrap())
    }

    pub fn set(&mut self, key: &str, value: impl ToString) {
        self.0.settings.push((key.into(), value.to_string()));
    }

    pub fn holders(&self, count: usize) -> Vec<Holder> {
        self.0.holders(count).unwrap()
    }

    pub fn serve(&self) -> Running {
        Running(self.0.serve().unwrap_or_else(|error| panic!("{error}")))
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.0.run(arguments).unwrap()
    }
}

impl Deref for Place {
    type Target = place::Place;

    fn deref(&self) -> &place::Place {
        &self.0
    }
}

impl Running {
    pub fn kill(self) {
        self.0.kill().unwrap();
    }

    pub fn id(&self) -> u32 {
        self.0.child.id()
    }
}

impl Deref for Running {
    type Target = place::Running;

    fn deref(&self) -> &place::Running {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut place::Running {
        &mut self.0
    }
}
