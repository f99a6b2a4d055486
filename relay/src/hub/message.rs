//! What a client can say (section 2 of the protocol), read from a frame.
//!
//! In: a frame. Out: a [`ClientMessage`], or a [`Fault`] that names the field and whom to answer. Payloads are cut out as
//! text and never read.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::broker::HistoryQuery;
use super::frame::{Frame, Payload, split};

/// The largest integer both sides can hold.
const INTEGER_LIMIT: u64 = (1 << 53) - 1;

/// The most bytes a channel's or an event's name may have.
pub(crate) const NAME_LIMIT: usize = 128;

/// One well-formed message of a client.
#[derive(Debug)]
pub(crate) enum ClientMessage<'a> {
    Hello {
        session: Cow<'a, str>,
        token: Option<Cow<'a, str>>,
    },
    Refresh {
        token: Cow<'a, str>,
    },
    Subscribe {
        channel: Cow<'a, str>,
        position: Option<(Cow<'a, str>, u64)>,
        presence: bool,
    },
    Unsubscribe {
        channel: Cow<'a, str>,
    },
    /// The body is judged apart: an `id` that was settled before is answered as before, whatever it says now.
    Publish {
        id: u64,
        body: Result<Publish<'a>, String>,
    },
    Signal {
        channel: Cow<'a, str>,
        event: Cow<'a, str>,
        payload: Option<Payload<'a>>,
        ttl: Option<u64>,
    },
    Track {
        channel: Cow<'a, str>,
        state: &'a RawValue,
    },
    Untrack {
        channel: Cow<'a, str>,
    },
    Request {
        id: u64,
        event: Cow<'a, str>,
        channel: Option<Cow<'a, str>>,
        payload: Option<&'a RawValue>,
    },
    Ping,
    Pong,
}

/// The body of a `publish`.
#[derive(Debug)]
pub(crate) struct Publish<'a> {
    pub(crate) channel: Cow<'a, str>,
    pub(crate) event: Cow<'a, str>,
    pub(crate) payload: Payload<'a>,
}

/// What a refusal answers: the field that stands beside its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    None,
    Publish(u64),
    Request(u64),
    Channel(String),
}

/// A frame of the wrong shape: which field, what was expected, and whom to answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) subject: Subject,
}

impl Fault {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), subject: Subject::None }
    }
}

/// Every field of section 2, uncooked. A name that is not here is ignored.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    session: Option<&'a RawValue>,
    #[serde(borrow)]
    token: Option<&'a RawValue>,
    #[serde(borrow)]
    channel: Option<&'a RawValue>,
    #[serde(borrow)]
    epoch: Option<&'a RawValue>,
    #[serde(borrow)]
    offset: Option<&'a RawValue>,
    #[serde(borrow)]
    presence: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    ttl: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    payload: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    state: Option<&'a RawValue>,
}

/// `null` is a payload like any other, not the absence of one.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Reads one frame.
pub(crate) fn decode(frame: &Frame) -> Result<ClientMessage<'_>, Fault> {
    let (header, bytes) = split(frame).map_err(Fault::new)?;
    let fields: Fields<'_> = serde_json::from_str(header).map_err(|error| {
        Fault::new(format!("frame: not the JSON expected here (line {}, column {})", error.line(), error.column()))
    })?;
    let kind = text("type", fields.kind).map_err(Fault::new)?;
    match bytes {
        None => fields.read(&kind, None),
        Some(_) if fields.payload.is_some() => {
            Err(Fault::new("payload: may not stand in the header of a binary frame"))
        }
        Some(bytes) if matches!(&*kind, "publish" | "signal") => fields.read(&kind, Some(bytes)),
        Some(_) => Err(Fault::new("type: only publish and signal may be binary")),
    }
}

impl<'a> Fields<'a> {
    fn read(&self, kind: &str, bytes: Option<&'a [u8]>) -> Result<ClientMessage<'a>, Fault> {
        let payload = bytes.map(Payload::Bytes).or(self.payload.map(Payload::Json));
        match kind {
            "hello" => self.hello().map_err(Fault::new),
            "refresh" => text("token", self.token).map(|token| ClientMessage::Refresh { token }).map_err(Fault::new),
            "subscribe" => self.subscribe().map_err(|message| self.about_channel(message)),
            "unsubscribe" => self.channel().map(|channel| ClientMessage::Unsubscribe { channel }).map_err(Fault::new),
            "publish" => {
                let id = integer("id", self.id).map_err(Fault::new)?;
                Ok(ClientMessage::Publish { id, body: self.publish(payload) })
            }
            "signal" => self.signal(payload).map_err(|message| self.about_channel(message)),
            "track" => self.track().map_err(|message| self.about_channel(message)),
            "untrack" => self.channel().map(|channel| ClientMessage::Untrack { channel }).map_err(Fault::new),
            "request" => {
                let id = integer("id", self.id).map_err(Fault::new)?;
                self.request(id).map_err(|message| Fault { message, subject: Subject::Request(id) })
            }
            "ping" => Ok(ClientMessage::Ping),
            "pong" => Ok(ClientMessage::Pong),
            _ => Err(Fault::new(
                "type: expected hello, refresh, subscribe, unsubscribe, publish, signal, track, untrack, request, \
                 ping or pong",
            )),
        }
    }

    /// A fault of a message that is answered by its channel, as far as the channel can be read.
    fn about_channel(&self, message: String) -> Fault {
        let subject = self.channel().map_or(Subject::None, |channel| Subject::Channel(channel.into_owned()));
        Fault { message, subject }
    }

    fn hello(&self) -> Result<ClientMessage<'a>, String> {
        let session = text("session", self.session)?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !(16..=64).contains(&session.len()) || !session.bytes().all(allowed) {
            return Err("session: expected 16 to 64 of A-Z a-z 0-9 _ -".into());
        }
        let token = self.token.map(|token| text("token", Some(token))).transpose()?;
        Ok(ClientMessage::Hello { session, token })
    }

    fn subscribe(&self) -> Result<ClientMessage<'a>, String> {
        let channel = self.channel()?;
        let position = match (self.epoch, self.offset) {
            (None, None) => None,
            (Some(_), Some(_)) => Some((text("epoch", self.epoch)?, integer("offset", self.offset)?)),
            (None, Some(_)) => return Err("epoch: expected together with offset".into()),
            (Some(_), None) => return Err("offset: expected together with epoch".into()),
        };
        let presence = match self.presence.map(RawValue::get) {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err("presence: expected true or false".into()),
        };
        Ok(ClientMessage::Subscribe { channel, position, presence })
    }

    fn publish(&self, payload: Option<Payload<'a>>) -> Result<Publish<'a>, String> {
        Ok(Publish {
            channel: self.channel()?,
            event: name("event", self.event)?,
            payload: payload.ok_or("payload: missing")?,
        })
    }

    fn signal(&self, payload: Option<Payload<'a>>) -> Result<ClientMessage<'a>, String> {
        Ok(ClientMessage::Signal {
            channel: self.channel()?,
            event: name("event", self.event)?,
            payload,
            ttl: self.ttl.map(|ttl| integer("ttl", Some(ttl))).transpose()?,
        })
    }

    fn track(&self) -> Result<ClientMessage<'a>, String> {
        let channel = self.channel()?;
        Ok(ClientMessage::Track { channel, state: self.state.ok_or("state: missing")? })
    }

    fn request(&self, id: u64) -> Result<ClientMessage<'a>, String> {
        Ok(ClientMessage::Request {
            id,
            event: name("event", self.event)?,
            channel: self.channel.map(|channel| name("channel", Some(channel))).transpose()?,
            payload: self.payload,
        })
    }

    fn channel(&self) -> Result<Cow<'a, str>, String> {
        name("channel", self.channel)
    }
}

fn text<'a>(field: &str, value: Option<&'a RawValue>) -> Result<Cow<'a, str>, String> {
    /// Borrows where no escape stands in the way: a bare `Cow` would always copy.
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

    let value = value.ok_or_else(|| format!("{field}: missing"))?;
    serde_json::from_str::<Text<'a>>(value.get()).map(|text| text.0).map_err(|_| format!("{field}: expected a string"))
}

fn name<'a>(field: &str, value: Option<&'a RawValue>) -> Result<Cow<'a, str>, String> {
    let name = text(field, value)?;
    check_name(field, &name)?;
    Ok(name)
}

/// Whether this can be the name of a channel or an event.
pub(crate) fn check_name(field: &str, name: &str) -> Result<(), String> {
    if name.is_empty() || name.len() > NAME_LIMIT || name.chars().any(char::is_control) {
        return Err(format!("{field}: expected 1 to {NAME_LIMIT} bytes without control characters"));
    }
    Ok(())
}

fn integer(field: &str, value: Option<&RawValue>) -> Result<u64, String> {
    let value = value.ok_or_else(|| format!("{field}: missing"))?;
    let digits = value.get();
    digits
        .parse::<u64>()
        .ok()
        .filter(|number| *number <= INTEGER_LIMIT && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(|| format!("{field}: expected an integer from 0 to 2^53 - 1"))
}

impl HistoryQuery {
    const DEFAULT_LIMIT: usize = 100;
    const MAX_LIMIT: u64 = 1_000;

    /// Reads the payload of a `history` request.
    pub(crate) fn decode(payload: Option<&RawValue>) -> Result<Self, String> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Query<'a> {
            #[serde(borrow)]
            limit: Option<&'a RawValue>,
            #[serde(borrow)]
            before: Option<&'a RawValue>,
        }
        let query = match payload.map(RawValue::get) {
            None | Some("null") => Query::default(),
            Some(json) if json.starts_with('{') => {
                serde_json::from_str(json).map_err(|_| "payload: expected {limit?, before?}")?
            }
            Some(_) => return Err("payload: expected {limit?, before?}".into()),
        };
        let limit = match query.limit {
            None => Self::DEFAULT_LIMIT,
            Some(limit) => match integer("payload.limit", Some(limit))? {
                limit @ 1..=Self::MAX_LIMIT => limit as usize,
                _ => return Err("payload.limit: expected 1 to 1000".into()),
            },
        };
        let before = query.before.map(|before| integer("payload.before", Some(before))).transpose()?;
        Ok(Self { limit, before })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        decode(&Frame::text(text)).expect_err("a fault")
    }

    #[test]
    fn a_payload_keeps_every_byte_json_values_would_lose() {
        let payload = r#"{"b":1e400,"a":"\ud800","a":1, "__proto__":{}}"#;
        let frame =
            Frame::text(format!(r#"{{"payload":{payload},"type":"publish","id":1,"channel":"c","event":"e"}}"#));
        let Ok(ClientMessage::Publish { body: Ok(body), .. }) = decode(&frame) else { panic!("no publish") };
        let Payload::Json(json) = body.payload else { panic!("no JSON") };
        assert_eq!(json.get(), payload);
    }

    #[test]
    fn null_is_a_payload_and_a_state_but_no_optional_field() {
        assert!(matches!(
            decode(&Frame::text(r#"{"type":"publish","id":1,"channel":"c","event":"e","payload":null}"#)),
            Ok(ClientMessage::Publish { body: Ok(_), .. })
        ));
        assert!(decode(&Frame::text(r#"{"type":"track","channel":"c","state":null}"#)).is_ok());
        assert!(matches!(
            decode(&Frame::text(r#"{"type":"subscribe","channel":"c","epoch":null,"offset":null}"#)),
            Ok(ClientMessage::Subscribe { position: None, .. })
        ));
    }

    #[test]
    fn a_fault_names_its_field_and_whom_to_answer() {
        assert_eq!(fault(r#"{"type":"ack"}"#).subject, Subject::None);
        assert!(fault("[]").message.starts_with("frame:"));
        assert!(fault(r#"{"type":7}"#).message.starts_with("type:"));
        let presence = fault(r#"{"type":"subscribe","channel":"c","presence":1}"#);
        assert!(presence.message.starts_with("presence:"));
        assert_eq!(presence.subject, Subject::Channel("c".into()));
        let event = fault(r#"{"type":"request","id":4,"event":""}"#);
        assert_eq!(event.subject, Subject::Request(4));
    }

    #[test]
    fn integers_are_digits_up_to_two_to_the_fifty_third() {
        for bad in ["-1", "1.0", "1e3", "9007199254740992", "\"1\"", "true", "null"] {
            assert!(decode(&Frame::text(format!(r#"{{"type":"publish","id":{bad}}}"#))).is_err(), "{bad}");
        }
        assert!(decode(&Frame::text(r#"{"type":"publish","id":9007199254740991}"#)).is_ok());
    }

    #[test]
    fn names_have_a_length_and_no_control_characters() {
        assert!(check_name("channel", &"x".repeat(128)).is_ok());
        for bad in [String::new(), "x".repeat(129), "a\nb".into(), "a\u{7f}".into(), "\u{85}".into()] {
            assert!(check_name("channel", &bad).is_err());
        }
    }

    #[test]
    fn a_history_query_keeps_its_bounds() {
        let query = |json: &str| {
            let raw: Box<RawValue> = serde_json::from_str(json).unwrap();
            HistoryQuery::decode(Some(&raw))
        };
        assert_eq!(query("{}"), Ok(HistoryQuery { limit: 100, before: None }));
        assert_eq!(query(r#"{"limit":1000,"before":7}"#), Ok(HistoryQuery { limit: 1000, before: Some(7) }));
        assert!(query(r#"{"limit":0}"#).is_err());
        assert!(query(r#"{"limit":1001}"#).is_err());
        assert!(query("[1]").is_err());
    }
}
