//! The Lua scripts: every command is one of them, so that it happens whole or not at all.

use redis::aio::MultiplexedConnection;
use redis::{RedisResult, Script, Value};

macro_rules! script {
    ($($file:literal),+) => {
        Script::new(concat!($(include_str!(concat!("scripts/", $file, ".lua"))),+))
    };
}

#[derive(Debug)]
pub(crate) struct Scripts {
    pub(crate) publish: Script,
    pub(crate) announce: Script,
    pub(crate) refuse: Script,
    pub(crate) subscribe: Script,
    pub(crate) page: Script,
    pub(crate) members: Script,
    pub(crate) track: Script,
    pub(crate) leave: Script,
    pub(crate) tend: Script,
    pub(crate) attach: Script,
    pub(crate) detach: Script,
    pub(crate) claim: Script,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        Self {
            publish: script!("channel", "append", "session", "publish"),
            announce: script!("channel", "append", "announce"),
            refuse: script!("session", "refuse"),
            subscribe: script!("channel", "subscribe"),
            page: script!("channel", "page"),
            members: script!("channel", "members"),
            track: script!("channel", "track"),
            leave: script!("channel", "leave"),
            tend: script!("channel", "tend"),
            attach: script!("attach"),
            detach: script!("detach"),
            claim: script!("claim"),
        }
    }

    /// Brings them to this Redis, so that later calls need only name them.
    pub(crate) async fn load(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let Self { publish, announce, refuse, subscribe, page, members, track, leave, tend, attach, detach, claim } =
            self;
        for script in [publish, announce, refuse, subscribe, page, members, track, leave, tend, attach, detach, claim] {
            script.load_async(connection).await?;
        }
        Ok(())
    }
}

/// Calls a script.
pub(crate) async fn call(
    script: &Script,
    connection: &mut MultiplexedConnection,
    keys: &[String],
    arguments: &[Vec<u8>],
) -> RedisResult<Value> {
    let mut invocation = script.prepare_invoke();
    invocation.key(keys).arg(arguments);
    invocation.invoke_async(connection).await
}
