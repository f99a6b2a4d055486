//! The class of a wasm that speaks to a Discord-style gateway: the core of one shard (pkg-template/src/discord).

use super::host::{CoreHost, JsHost, describe, member};
use super::options::{self, CoreOptions, given, number};
use super::snapshot;
use crate::browser::Driver;
use crate::client::{Client, Message};
use crate::host::Payload;
use crate::protocol::Protocol;
use crate::protocol::discord::{Discord, DiscordConfig};
use crate::time::Duration;
use js_sys::Array;
use wasm_bindgen::prelude::*;

// The verbs, in the numbers of pkg-template/src/core.ts.
const CONNECT: u8 = 0;
const CLOSE: u8 = 1;
const RETRY: u8 = 2;
const DESTROY: u8 = 3;
const CANCEL: u8 = 5;
const FIRST: u8 = 6;
const WAKE: u8 = 11;

/// One shard, driven by the browser.
#[wasm_bindgen]
pub struct Core(Driver);

#[wasm_bindgen]
impl Core {
    /// Opens nothing.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &CoreOptions, host: CoreHost) -> Core {
        let (config, seed) = options::config(options, &host);
        let protocol = member(options, "protocol");
        let wait = |key| Duration::from_millis_f64(number(&protocol, key));
        let discord = Discord::new(DiscordConfig {
            identify: member(&protocol, "identify").as_string().unwrap_or_default(),
            invalid_session_wait: (wait("invalidSessionMinMs"), wait("invalidSessionMaxMs")),
        });
        let owner = JsHost::new(&describe(&Protocol::<JsHost>::shape(&discord)), &host);
        let frames = owner.frames.clone();
        Core(Driver::new(Client::new(config, owner, Box::new(discord), &JsValue::UNDEFINED, seed), frames))
    }

    /// Goes on with a session of an earlier life of the page.
    #[wasm_bindgen(js_name = restoreSession)]
    pub fn restore_session(&self, session: &str, sequence: f64, url: Option<String>) {
        self.0.with(|client, _| client.restore_session(session, sequence as u64, url.as_deref()));
    }

    /// The last sequence number; negative before the first.
    pub fn sequence(&self) -> f64 {
        self.0.read(|client, _| client.sequence().map_or(-1.0, |sequence| sequence as f64))
    }

    /// Does a verb of client.rs, as far as a shard knows it. `about`: the command to take back.
    pub fn call(&self, verb: u8, about: f64) -> bool {
        if verb == CONNECT {
            self.0.watch();
        }
        if verb == WAKE {
            self.0.handle_timeout();
            return true;
        }
        let done = self.0.with(|client, now| {
            match verb {
                CONNECT => client.connect(now),
                CLOSE => client.close(now),
                RETRY => client.retry(now),
                DESTROY => client.destroy(now),
                CANCEL => return client.cancel(now, about as u64),
                _ => return false,
            }
            true
        });
        if verb == CLOSE || verb == DESTROY {
            self.0.unwatch();
        }
        done
    }

    /// How many commands may go out now.
    #[wasm_bindgen(js_name = sendsLeft)]
    pub fn sends_left(&self) -> u32 {
        self.0.read(|client, now| client.sends_left(now) as u32)
    }

    /// Sends a command with the next call: `op` is its opcode in digits. Its id, or the negative code of why not.
    pub fn say(&self, verb: u8, _channel: u32, op: JsValue, data: JsValue, size: f64, ttl: f64) -> f64 {
        let payload = if data.is_undefined() { Payload::Empty } else { Payload::Text(data) };
        let message = Message { channel: None, event: op, payload, size: size as usize, ttl: given(ttl) };
        let sent = self.0.order(|client, now| match verb {
            FIRST => client.publish_first(now, message),
            _ => client.publish(now, message),
        });
        self.0.said(sent)
    }

    /// What the client is now and what it counted, by place.
    #[wasm_bindgen(unchecked_return_type = "number[]")]
    pub fn numbers(&self) -> Array {
        self.0.read(snapshot::numbers)
    }
}
