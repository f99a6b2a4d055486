//! One behaviour of the client per test, named as a sentence, on a virtual clock.

#![cfg(not(target_arch = "wasm32"))]

#[path = "../support/mod.rs"]
mod support;

mod channels;
mod closing;
mod connecting;
mod discord;
mod fuzz;
mod heart;
mod hostile;
mod json;
mod limits;
mod misuse;
mod outbox;
mod presence;
mod raw;
mod reload;
mod requests;
mod seam;
mod switch;
mod token;
mod waiting;
