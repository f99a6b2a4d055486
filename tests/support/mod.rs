//! What native tests share: a host over `serde_json` and a world with a virtual clock.

#![allow(dead_code, unused_imports, reason = "each test binary uses a part of it")]

mod host;
mod log;
mod world;

pub(crate) use host::{Data, Json, NativeHost};
pub(crate) use log::{Log, Out, hex};
pub(crate) use world::{World, config, hand_written, preset};
