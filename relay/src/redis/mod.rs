//! The broker on Redis: what all relays know together, so that any of them serves any client.
//!
//! In: the hub's commands. Out: events. One task owns the connection; each command is one Lua script, so it happens whole or
//! not at all, and an answer is given only once Redis has said yes. While Redis is away, what needs an answer is refused as
//! `unavailable`; what waits for nothing is made up for afterwards. Not here: connections, the protocol, the order of frames.

mod answer;
mod command;
mod driver;
mod keys;
mod link;
mod looking_after;
mod replica;
mod reply;
mod scripts;
mod status;
mod wire;

use std::fmt;
use std::sync::Arc;

use redis::{Client, IntoConnectionInfo, ProtocolVersion, RedisError};
use tokio::sync::mpsc;

use crate::hub::{Command, Event, HubConfig};
use driver::Driver;
use keys::Keys;
pub(crate) use status::Status;

/// How many events may wait for the hub.
const EVENTS: usize = 1_024;

/// Where Redis is, and what its keys begin with.
#[derive(Clone)]
pub(crate) struct RedisOptions {
    client: Client,
    prefix: String,
}

impl fmt::Debug for RedisOptions {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redis at {}, prefix {:?}", self.client.get_connection_info().addr(), self.prefix)
    }
}

impl RedisOptions {
    /// # Errors
    ///
    /// The URL is none that Redis could be reached by.
    pub(crate) fn new(url: &str, prefix: &str) -> Result<Self, RedisError> {
        let info = url.into_connection_info()?;
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        Ok(Self { client: Client::open(info.set_redis_settings(settings))?, prefix: prefix.to_owned() })
    }
}

/// The hub's end of the broker. Dropping it ends the task behind it.
pub(crate) struct RedisBroker {
    commands: mpsc::UnboundedSender<Command>,
    pub(crate) events: mpsc::Receiver<Event>,
}

impl RedisBroker {
    /// Starts the task, which connects and keeps on trying. `seed` decides this relay's name: nobody else may have it.
    pub(crate) fn start(options: &RedisOptions, config: HubConfig, seed: u64, status: Arc<Status>) -> Self {
        let (commands, asked) = mpsc::unbounded_channel();
        let (told, events) = mpsc::channel(EVENTS);
        let keys = Keys::new(&options.prefix);
        tokio::spawn(Driver::new(options.client.clone(), keys, config, seed, status, asked, told).run());
        Self { commands, events }
    }

    /// Each connection asks one thing at a time, so what waits here is bounded by them.
    pub(crate) fn ask(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}
