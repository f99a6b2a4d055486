//! What the client wanted and said, as plain values that tests and transcripts compare.

use super::host::{Data, Json, NativeHost};
use serde_json::{Value, json};
use tautline::host::{Frame, Host, Key, Shape};
use tautline::{Detail, Event, Output, Subprotocols, TokenWhy};

/// One output of the client.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Out {
    Resolve {
        attempt: u32,
        why: TokenWhy,
    },
    Open {
        socket: u32,
        url: String,
        subprotocols: Vec<String>,
    },
    Sent {
        socket: u32,
        data: Data,
    },
    Close {
        socket: u32,
        code: u16,
        reason: Option<String>,
        listen: bool,
    },
    /// An event in the form that tests/transcripts/README.md describes.
    Event(Value),
}

/// A run of outputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Log(pub(crate) Vec<Out>);

impl Log {
    /// The text frames sent.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.0
            .iter()
            .filter_map(
                |out| if let Out::Sent { data: Data::Text(text), .. } = out { Some(text.clone()) } else { None },
            )
            .collect()
    }

    /// The binary frames sent.
    pub(crate) fn sent_bytes(&self) -> Vec<Vec<u8>> {
        self.0
            .iter()
            .filter_map(
                |out| if let Out::Sent { data: Data::Bytes(bytes), .. } = out { Some(bytes.clone()) } else { None },
            )
            .collect()
    }

    /// The text frames sent of one type, parsed.
    pub(crate) fn sent_of(&self, kind: &str) -> Vec<Value> {
        let frames = self.sent().into_iter().map(|text| serde_json::from_str::<Value>(&text).expect("JSON"));
        frames.filter(|frame| frame["type"] == kind).collect()
    }

    /// The events.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.0.iter().filter_map(|out| if let Out::Event(event) = out { Some(event.clone()) } else { None }).collect()
    }

    /// The events of one kind.
    pub(crate) fn events_of(&self, kind: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["event"] == kind).collect()
    }

    /// The sockets closed, with code.
    pub(crate) fn closes(&self) -> Vec<(u16, bool)> {
        self.0
            .iter()
            .filter_map(|out| if let Out::Close { code, listen, .. } = out { Some((*code, *listen)) } else { None })
            .collect()
    }

    /// Why the token function was asked.
    pub(crate) fn resolves(&self) -> Vec<TokenWhy> {
        self.0.iter().filter_map(|out| if let Out::Resolve { why, .. } = out { Some(*why) } else { None }).collect()
    }

    /// How many sockets were opened.
    pub(crate) fn opens(&self) -> usize {
        self.0.iter().filter(|out| matches!(out, Out::Open { .. })).count()
    }
}

pub(super) fn out(host: &NativeHost, shape: &Shape<'_>, output: Output<NativeHost>) -> Out {
    match output {
        Output::Resolve { attempt, why } => Out::Resolve { attempt, why },
        Output::Open { socket, url, subprotocols } => Out::Open { socket, url, subprotocols: names(subprotocols) },
        Output::Send { socket, frame: Frame::Text(text) } => Out::Sent { socket, data: Data::Text(text) },
        Output::Send { socket, frame: Frame::Binary(bytes) } => Out::Sent { socket, data: Data::Bytes(bytes) },
        Output::Close { socket, code, reason, listen } => Out::Close { socket, code, reason, listen },
        Output::Emit(event) => Out::Event(describe(host, shape, event)),
    }
}

fn names(subprotocols: Subprotocols<NativeHost>) -> Vec<String> {
    match subprotocols {
        Subprotocols::Own(name) => name.map(str::to_owned).into_iter().collect(),
        Subprotocols::Given(Json::Value(list)) => serde_json::from_value(list).expect("a list of names"),
        Subprotocols::Given(_) => panic!("a list of names"),
    }
}

fn describe(host: &NativeHost, shape: &Shape<'_>, event: Event<NativeHost>) -> Value {
    let millis = |duration: tautline::Duration| json!(duration.as_millis());
    let plain = |json: Json| match json {
        Json::Value(value) | Json::Headed(value, ..) => value,
        Json::Bytes(bytes) => json!({ "$bytes": hex(&bytes) }),
    };
    let member = |frame: &Json, key: &str| host.get(frame, key).map_or(Value::Null, plain);
    let list = |members: Vec<Json>| members.into_iter().map(plain).collect::<Value>();
    match event {
        Event::StateChanged { state, cause, retry } => {
            let state = format!("{state:?}").to_lowercase();
            json!({ "event": "state", "state": state, "cause": cause.map(tautline::Code::name), "retry": retry.map(millis) })
        }
        Event::Welcomed { resumed, .. } => json!({ "event": "welcomed", "resumed": resumed }),
        Event::TokenAccepted { expires } => json!({ "event": "token", "expires": expires.map(millis) }),
        Event::Subscribed { channel, recovered, replay, epoch, offset } => {
            let recovered = format!("{recovered:?}").to_lowercase();
            json!({ "event": "subscribed", "channel": host.name(channel), "recovered": recovered, "replay": replay,
                "epoch": epoch, "offset": offset })
        }
        Event::ChannelRefused { channel, code, .. } => {
            json!({ "event": "channel-refused", "channel": host.name(channel), "code": code.name() })
        }
        Event::Gap { channel, held, next } => {
            json!({ "event": "gap", "channel": channel.map(|id| host.name(id)), "held": held, "next": next })
        }
        Event::Message { channel, offset, replayed, frame } => {
            json!({ "event": "message", "channel": host.name(channel), "offset": offset, "replayed": replayed,
                "name": member(&frame, "event"), "payload": member(&frame, "payload") })
        }
        // A frame without a header is the payload.
        Event::Signal { channel: None, frame: frame @ (Json::Value(Value::String(_)) | Json::Bytes(_)) } => {
            json!({ "event": "signal", "channel": null, "name": null, "payload": plain(frame) })
        }
        // Places that are configuration: where no field names the event, its type does; a payload may be the whole frame.
        Event::Signal { channel, frame } if matches!(shape.kind, Some(Key::Path(_))) => {
            let at = |key| host.at(&frame, key).map(plain);
            let name = at(shape.event).filter(Value::is_string).or_else(|| at(shape.kind));
            let payload = if shape.payload.is_some() { at(shape.payload) } else { Some(plain(frame.clone())) };
            json!({ "event": "signal", "channel": channel.map(|id| host.name(id)), "name": name, "payload": payload })
        }
        Event::Signal { channel, frame } => {
            // Where each protocol has them.
            let one_of = |keys: &[&str]| keys.iter().map(|key| member(&frame, key)).find(|value| !value.is_null());
            json!({ "event": "signal", "channel": channel.map(|id| host.name(id)),
                "name": one_of(&["event", "t"]), "payload": one_of(&["payload", "d"]) })
        }
        Event::Typing { channel, members } => {
            json!({ "event": "typing", "channel": host.name(channel), "members": members })
        }
        Event::Presence { channel, joined, updated, left } => {
            json!({ "event": "presence", "channel": host.name(channel), "joined": list(joined),
                "updated": list(updated), "left": list(left) })
        }
        Event::Sent { id, settled: false } => json!({ "event": "sent", "id": id }),
        Event::Sent { id, settled: true } => json!({ "event": "sent", "id": id, "settled": true }),
        Event::Acked { id, offset, frame } => {
            // Where each protocol has it.
            let time = ["time", "timestamp"].iter().find_map(|key| member(&frame, key).as_f64()).unwrap_or(0.0);
            json!({ "event": "acked", "id": id, "offset": offset, "time": time })
        }
        Event::Requeued { id } => json!({ "event": "requeued", "id": id }),
        Event::SendFailed { id, code, attempted, detail } => {
            let mut event = json!({ "event": "failed", "id": id, "code": code.name(), "attempted": attempted });
            if let Detail::Sizes { limit, size } = detail {
                event["limit"] = limit.into();
                event["size"] = size.into();
            }
            event
        }
        Event::Replied { id, payload } => {
            json!({ "event": "replied", "id": id, "payload": payload.map_or(Value::Null, plain) })
        }
        Event::RequestFailed { id, code, .. } => json!({ "event": "request-failed", "id": id, "code": code.name() }),
        Event::Problem { code, .. } => json!({ "event": "problem", "code": code.name() }),
        Event::Parted => json!({ "event": "parted" }),
        Event::Latency(latency) => json!({ "event": "latency", "ms": millis(latency) }),
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
