//! The class of a wasm whose protocol has channels, requests and presence.

#[cfg(feature = "tautline")]
use super::host::describe;
use super::host::{CoreHost, JsHost};
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
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

/// One client, driven by the browser.
#[wasm_bindgen]
pub struct Core(pub(super) Driver);

#[wasm_bindgen]
impl Core {
    /// Opens nothing.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &CoreOptions, host: CoreHost) -> Core {
        let config = options::config(options, host.has_token());
        let (protocol, owner) = open(options, &host);
        let frames = owner.frames.clone();
        let client =
            Client::new(config, owner, protocol, &options::session(options), options::number(options, "seed") as u64);
        Core(Driver::new(client, frames))
    }

    /// Wants a connection.
    pub fn connect(&self) {
        self.0.watch();
        self.0.with(|client, now| client.connect(now));
    }

    /// Takes over the outbox of an earlier life. False once this client has lived itself.
    pub fn adopt(&self, session: &str, last_id: f64) -> bool {
        self.0.with(|client, _| client.adopt(session, last_id as u64))
    }

    /// Puts a message of an earlier life back into the queue. False if its id does not fit.
    pub fn restore(&self, id: f64, channel: u32, event: JsValue, payload: JsValue, size: f64, ttl: f64) -> bool {
        let message = message(channel, event, payload, size, ttl);
        self.0.with(|client, now| client.restore(now, id as u64, message))
    }

    /// Wants none.
    pub fn close(&self) {
        self.0.with(|client, now| client.close(now));
        self.0.unwatch();
    }

    /// Wants the next attempt now.
    pub fn retry(&self) {
        self.0.with(|client, now| client.retry(now));
    }

    /// Closes for ever.
    pub fn destroy(&self) {
        self.0.with(|client, now| client.destroy(now));
        self.0.unwatch();
    }

    /// The id of a channel's name.
    pub fn channel(&self, name: &str) -> u32 {
        self.0.with(|client, _| client.channel(name)).get()
    }

    /// Wants a channel.
    pub fn subscribe(&self, channel: u32, presence: bool) {
        self.0.with(|client, now| ChannelId::new(channel).map(|id| client.subscribe(now, id, presence)));
    }

    /// No longer wants a channel.
    pub fn unsubscribe(&self, channel: u32) {
        self.0.with(|client, now| ChannelId::new(channel).map(|id| client.unsubscribe(now, id)));
    }

    /// Sends a message. Its id, or the negative code of why not.
    pub fn publish(&self, channel: u32, event: JsValue, payload: JsValue, size: f64, ttl: f64, flags: u32) -> f64 {
        let message = message(channel, event, payload, size, ttl);
        outcome(self.0.with(|client, now| match flags {
            VOLATILE => client.publish_volatile(now, message),
            _ => client.publish(now, message),
        }))
    }

    /// Takes a message back.
    pub fn cancel(&self, id: f64) -> bool {
        self.0.with(|client, now| client.cancel(now, id as u64))
    }

    /// Says a passing word. 0, or the negative code of why not.
    pub fn signal(&self, channel: u32, event: JsValue, payload: JsValue, size: f64, ttl: f64) -> f64 {
        let message = message(channel, event, payload, size, ttl);
        outcome(self.0.with(|client, now| client.signal(now, message)).map(|()| 0))
    }

    /// Says that the user types, or stopped.
    pub fn typing(&self, channel: u32, active: bool) {
        self.0.with(|client, now| ChannelId::new(channel).map(|id| client.typing(now, id, active)));
    }

    /// Is present.
    pub fn track(&self, channel: u32, state: JsValue) {
        self.0.with(|client, now| ChannelId::new(channel).map(|id| client.track(now, id, state)));
    }

    /// Is no longer present.
    pub fn untrack(&self, channel: u32) {
        self.0.with(|client, now| ChannelId::new(channel).map(|id| client.untrack(now, id)));
    }

    /// Asks the server something. Its id, or the negative code of why not.
    pub fn request(&self, channel: u32, event: JsValue, payload: JsValue, timeout: f64) -> f64 {
        let message = message(channel, event, payload, 0.0, 0.0);
        outcome(self.0.with(|client, now| client.request(now, message, Duration::from_millis_f64(timeout))))
    }

    /// No longer waits for an answer.
    #[wasm_bindgen(js_name = cancelRequest)]
    pub fn cancel_request(&self, id: f64) -> bool {
        self.0.with(|client, now| client.cancel_request(now, id as u64))
    }

    /// Renews the token now.
    pub fn refresh(&self) {
        self.0.with(|client, now| client.refresh(now));
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

/// Flag of [`Core::publish`]: now or never.
const VOLATILE: u32 = 1;

fn message(channel: u32, event: JsValue, payload: JsValue, size: f64, ttl: f64) -> Message<JsHost> {
    let payload = if payload.is_undefined() {
        Payload::Empty
    } else if payload.is_instance_of::<Uint8Array>() {
        Payload::Binary(payload)
    } else {
        Payload::Text(payload)
    };
    Message { channel: ChannelId::new(channel), event, payload, size: size as usize, ttl: options::given(ttl) }
}

fn outcome(result: Result<u64, Code>) -> f64 {
    match result {
        Ok(id) => id as f64,
        Err(code) => -f64::from(code as u8),
    }
}
