//! One behaviour of the client per test, named as a sentence, on a virtual clock.

#[path = "../support/mod.rs"]
mod support;

mod connecting;
