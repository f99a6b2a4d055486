//! The class of a wasm without a protocol: the core of `TautlineSocket` (pkg-template/src/websocket).

use super::host::{CoreHost, Frames, JsHost, describe, member};
use super::options::{self, CoreOptions, given, number};
use crate::browser::Driver;
use crate::client::{Client, Message};
use crate::host::Payload;
use crate::output::{Event, Output};
use crate::protocol::Protocol;
use crate::protocol::raw::Raw;
use crate::time::Duration;
use js_sys::Array;
use std::collections::VecDeque;
use wasm_bindgen::prelude::*;

/// One socket over many connections, driven by the browser.
#[wasm_bindgen]
pub struct Core(Driver);

#[wasm_bindgen]
impl Core {
    /// Opens nothing.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &CoreOptions, host: CoreHost) -> Core {
        let (mut config, seed) = options::config(options, &host);
        let heartbeat = member(options, "heartbeat");
        config.queue.always = false;
        config.backoff.floor = config.backoff.min;
        let protocol = Raw {
            ping: payload(member(&heartbeat, "ping")),
            pong: Some(member(&heartbeat, "pong")).filter(JsValue::is_string),
            beat: config.heartbeat.interval.zip(config.heartbeat.timeout),
            silence: given(number(&heartbeat, "silenceMs")),
        };
        let owner = JsHost::new(&describe(&Protocol::<JsHost>::shape(&protocol)), &host);
        let frames = owner.frames.clone();
        Core(Driver::new(Client::new(config, owner, Box::new(protocol), &JsValue::UNDEFINED, seed), frames))
    }

    /// Wants a connection.
    pub fn connect(&self) {
        self.0.watch();
        self.0.with(|client, now| client.connect(now));
    }

    /// Wants another connection than what there is now, which hears this code and reason.
    pub fn reconnect(&self, code: u16, reason: JsValue) {
        self.0.watch();
        self.0.with(|client, now| client.reconnect(now, code, reason));
    }

    /// Wants none; what there is hears this code and reason.
    pub fn close(&self, code: u16, reason: JsValue) {
        self.0.with(|client, now| client.close_with(now, code, reason));
        self.0.unwatch();
    }

    /// Sends a text, bytes or a Blob. False when there is no room for it.
    pub fn send(&self, data: JsValue, size: f64) -> bool {
        let payload = payload(data);
        let message =
            Message { channel: None, event: JsValue::UNDEFINED, payload, size: size as usize, ttl: None::<Duration> };
        self.0.with(|client, now| client.publish(now, message)).is_ok()
    }

    /// Takes back what was not sent.
    #[wasm_bindgen(unchecked_return_type = "Data[]")]
    pub fn drain(&self) -> Array {
        let payloads = self.0.with(Client::cancel_queue);
        payloads
            .into_iter()
            .filter_map(|payload| match payload {
                Payload::Text(data) | Payload::Binary(data) => Some(data),
                Payload::Empty | Payload::Kept => None,
            })
            .collect()
    }

    /// Attempts since the last stable connection.
    #[wasm_bindgen(getter)]
    pub fn attempt(&self) -> u32 {
        self.0.read(Client::attempt)
    }

    /// How many messages wait.
    #[wasm_bindgen(getter)]
    pub fn waiting(&self) -> u32 {
        self.0.read(|client, _| client.queue().0) as u32
    }

    /// Bytes that did not leave yet: those that wait, and those in the socket's own buffer.
    #[wasm_bindgen(getter)]
    pub fn buffered(&self) -> f64 {
        (self.0.read(|client, _| client.queue().1) + self.0.buffered()) as f64
    }
}

fn payload(data: JsValue) -> Payload<JsHost> {
    if data.is_string() {
        Payload::Text(data)
    } else if data.is_object() {
        Payload::Binary(data)
    } else {
        Payload::Empty
    }
}

const MESSAGE: u8 = 0;
const STATE: u8 = 1;
const PARTED: u8 = 17;

/// What JavaScript hears, in the numbers of pkg-template/src/core.ts.
pub(crate) enum Told {
    Frame(JsValue),
    State(f64, f64, f64),
    Parted,
}

impl Told {
    /// Tells it.
    pub(crate) fn tell(self, frames: &Frames) {
        match self {
            Self::Frame(frame) => frames.tell(MESSAGE, 0.0, 0.0, 0.0, &frame),
            Self::State(state, cause, retry) => frames.tell(STATE, state, cause, retry, &JsValue::UNDEFINED),
            Self::Parted => frames.tell(PARTED, 0.0, 0.0, 0.0, &JsValue::UNDEFINED),
        }
    }
}

/// Queues it.
#[inline(always)]
pub(crate) fn emit(outputs: &mut VecDeque<Output<JsHost>>, event: Event<JsHost>) {
    let told = match event {
        Event::Signal { frame, .. } => Told::Frame(frame),
        Event::StateChanged { state, cause, retry } => {
            let cause = cause.map_or(0, |code| code as u8);
            Told::State(f64::from(state as u8), f64::from(cause), retry.map_or(-1.0, Duration::as_millis_f64))
        }
        Event::Parted => Told::Parted,
        _ => return,
    };
    outputs.push_back(Output::Emit(told));
}
