//! The class of a wasm whose protocol has channels, requests and presence.

use super::host::{CoreHost, UNDEFINED};
#[cfg(feature = "tautline")]
use super::host::{JsHost, describe};
#[cfg(not(feature = "tautline"))]
use super::json::open;
use super::options::{self, CoreOptions};
use super::snapshot;
use crate::Code;
use crate::browser::Driver;
use crate::channel::ChannelId;
use crate::client::{Client, Message};
use crate::host::Payload;
#[cfg(feature = "tautline")]
use crate::protocol::{Protocol, tautline::Tautline};
use crate::time::Duration;
use js_sys::Array;
use wasm_bindgen::prelude::*;

// The verbs, in the numbers of pkg-template/src/core.ts. One method for all of a kind, because each exported method costs its
// share of glue on both sides; standalone.rs gives them their names back.
pub(super) const CONNECT: u8 = 0;
pub(super) const CLOSE: u8 = 1;
pub(super) const RETRY: u8 = 2;
pub(super) const DESTROY: u8 = 3;
pub(super) const REFRESH: u8 = 4;
pub(super) const CANCEL: u8 = 5;
pub(super) const CANCEL_REQUEST: u8 = 6;
pub(super) const SUBSCRIBE: u8 = 7;
pub(super) const UNSUBSCRIBE: u8 = 8;
pub(super) const TYPING: u8 = 9;
pub(super) const UNTRACK: u8 = 10;

pub(super) const PUBLISH: u8 = 0;
pub(super) const VOLATILE: u8 = 1;
pub(super) const SIGNAL: u8 = 2;
pub(super) const REQUEST: u8 = 3;
pub(super) const RESTORE: u8 = 4;
pub(super) const TRACK: u8 = 5;

/// One client, driven by the browser.
#[wasm_bindgen]
pub struct Core(pub(super) Driver);

#[wasm_bindgen]
impl Core {
    /// Opens nothing.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &CoreOptions, host: CoreHost) -> Core {
        let (config, seed) = options::config(options, &host);
        let (protocol, owner) = open(options, &host);
        let frames = owner.frames.clone();
        let client = Client::new(config, owner, protocol, &options::session(options), seed);
        Core(Driver::new(client, frames))
    }

    /// Does a verb that carries no message. `about`: the channel or the message that it is about.
    pub fn call(&self, verb: u8, about: f64, flag: bool) -> bool {
        if verb == CONNECT {
            self.0.watch();
        }
        let done = self.0.with(|client, now| {
            match verb {
                CONNECT => client.connect(now),
                CLOSE => client.close(now),
                RETRY => client.retry(now),
                DESTROY => client.destroy(now),
                REFRESH => client.refresh(now),
                CANCEL => return client.cancel(now, about as u64),
                CANCEL_REQUEST => return client.cancel_request(now, about as u64),
                _ => {
                    // `WAKE` of core.ts is about none: only what was said is carried out.
                    let Some(id) = ChannelId::new(about as u32) else { return false };
                    match verb {
                        SUBSCRIBE => client.subscribe(now, id, flag),
                        UNSUBSCRIBE => client.unsubscribe(now, id),
                        TYPING => client.typing(now, id, flag),
                        UNTRACK => client.untrack(now, id),
                        _ => return false,
                    }
                }
            }
            true
        });
        if verb == CLOSE || verb == DESTROY {
            self.0.unwatch();
        }
        done
    }

    /// Does a verb that carries a message: its id, or the negative code of why not. What has an id is carried out with the next call, so
    /// that its caller knows of what it hears; `WAKE` of core.ts is enough. `ttl`: of a request, how long the answer may take. `id`: of a
    /// message that is restored.
    #[expect(clippy::too_many_arguments, reason = "each argument is free where it crosses, and an object is not")]
    pub fn say(&self, verb: u8, channel: u32, event: JsValue, payload: JsValue, size: f64, ttl: f64, id: f64) -> f64 {
        let payload = if payload.is_string() {
            Payload::Text(payload)
        } else if &payload == UNDEFINED {
            Payload::Empty
        } else {
            Payload::Binary(payload)
        };
        let (channel, ttl) = (ChannelId::new(channel), options::given(ttl));
        let message = Message { channel, event, payload, size: size as usize, ttl };
        let outcome = self.0.order(|client, now| match verb {
            PUBLISH => client.publish(now, message),
            VOLATILE => client.publish_volatile(now, message),
            SIGNAL => client.signal(now, message).map(|()| 0),
            REQUEST => client.request(now, message, ttl.unwrap_or(Duration::ZERO)),
            RESTORE => Ok(u64::from(client.restore(now, id as u64, message))),
            TRACK => {
                if let Some(id) = channel {
                    client.track(now, id, message.event);
                }
                Ok(0)
            }
            _ => Err(Code::InvalidArgument),
        });
        self.0.said(outcome)
    }

    /// Sends a message the short way: whether it goes out now, and then the caller keeps its frame until it is settled (`kept` of
    /// the host) and has the shim send it (`post`). If not, there is more to do, or `id` is not the next one: `say` has to hear of it.
    #[cfg(feature = "tautline")]
    pub fn post(&self, id: f64, channel: u32, size: u32) -> bool {
        let channel = ChannelId::new(channel);
        channel.is_some_and(|channel| self.0.publish_next(id as u64, channel, size as usize))
    }

    /// The id of a channel's name.
    pub fn channel(&self, #[wasm_bindgen(unchecked_param_type = "string")] name: &JsValue) -> u32 {
        self.0.with(|client, _| client.channel(name)).get()
    }

    /// Takes over the outbox of an earlier life. False once this client has lived itself.
    pub fn adopt(&self, #[wasm_bindgen(unchecked_param_type = "string")] session: &JsValue, last_id: f64) -> bool {
        self.0.with(|client, _| client.adopt(session, last_id as u64))
    }

    /// What the client is now and what it counted, by place.
    #[wasm_bindgen(unchecked_return_type = "number[]")]
    pub fn numbers(&self) -> Array {
        self.0.read(snapshot::numbers)
    }
}

#[cfg(feature = "tautline")]
fn open(_: &CoreOptions, host: &CoreHost) -> (Box<dyn Protocol<JsHost>>, JsHost) {
    let protocol = Box::new(Tautline::default());
    let shape = describe(&Protocol::<JsHost>::shape(&*protocol));
    (protocol, JsHost::new(&shape, host))
}
