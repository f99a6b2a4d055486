//! What the server can say (section 3 of the protocol), written into frames.
//!
//! The order of the fields is the order of the protocol's tables, `type` first: transcripts compare bytes.

use serde::Serialize;
use serde_json::value::RawValue;

use super::frame::{Frame, Payload};
use super::message::Subject;
use super::refusal::Refusal;

/// One message of the server.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Answer<'a> {
    Welcome {
        connection: &'a str,
        member: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<&'a str>,
        resumed: bool,
        heartbeat: u64,
        timeout: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        expires: Option<u64>,
        limits: Limits,
    },
    Refreshed {
        #[serde(skip_serializing_if = "Option::is_none")]
        expires: Option<u64>,
    },
    Subscribed {
        channel: &'a str,
        epoch: &'a str,
        offset: u64,
        latest: u64,
        recovered: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        presence: Option<&'a RawValue>,
    },
    Signal {
        channel: &'a str,
        event: &'a str,
        from: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        ttl: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<&'a RawValue>,
    },
    Presence {
        channel: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        joined: Option<[MemberView<'a>; 1]>,
        #[serde(skip_serializing_if = "Option::is_none")]
        updated: Option<[MemberView<'a>; 1]>,
        #[serde(skip_serializing_if = "Option::is_none")]
        left: Option<[&'a str; 1]>,
    },
    Ack {
        id: u64,
        channel: &'a str,
        epoch: &'a str,
        offset: u64,
        time: u64,
    },
    Reply {
        request: u64,
        payload: &'a RawValue,
    },
    Refused {
        code: &'static str,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        request: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        limit: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry: Option<u64>,
    },
    Reconnect {
        after: u64,
        jitter: u64,
    },
    Ping,
    Pong,
}

/// The `limits` of `welcome`.
#[derive(Serialize)]
pub(crate) struct Limits {
    pub(crate) frame: usize,
    pub(crate) rate: u64,
    pub(crate) per: u64,
}

/// A member as presence shows it.
#[derive(Serialize)]
pub(crate) struct MemberView<'a> {
    pub(crate) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<&'a str>,
    pub(crate) version: u64,
    pub(crate) state: &'a RawValue,
}

impl<'a> Answer<'a> {
    pub(crate) fn refused(refusal: &'a Refusal, subject: &'a Subject) -> Self {
        let (id, request, channel) = match subject {
            Subject::None => (None, None, None),
            Subject::Publish(id) => (Some(*id), None, None),
            Subject::Request(request) => (None, Some(*request), None),
            Subject::Channel(channel) => (None, None, Some(channel.as_str())),
        };
        Self::Refused {
            code: refusal.code.as_str(),
            message: &refusal.message,
            id,
            request,
            channel,
            limit: refusal.limit,
            size: refusal.size,
            retry: refusal.retry,
        }
    }

    /// The text frame of this message.
    pub(crate) fn frame(&self) -> Frame {
        Frame::text(to_json(self))
    }

    /// The frame that carries `payload`, which is text or binary as the payload is. The message must not hold a
    /// payload itself when this one is bytes.
    pub(crate) fn frame_with(&self, payload: Option<Payload<'_>>) -> Frame {
        match payload {
            Some(Payload::Bytes(bytes)) => {
                let header = to_json(self);
                Frame::from_parts(&header, bytes).expect("names and numbers are shorter than the header limit")
            }
            Some(Payload::Json(_)) | None => self.frame(),
        }
    }
}

/// The JSON half of a payload.
pub(crate) fn json_of<'a>(payload: Option<Payload<'a>>) -> Option<&'a RawValue> {
    match payload {
        Some(Payload::Json(json)) => Some(json),
        Some(Payload::Bytes(_)) | None => None,
    }
}

/// JSON text of anything the hub builds itself.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("strings, numbers and checked JSON always serialise")
}

/// The same, as a value to set into another message.
pub(crate) fn to_raw<T: Serialize + ?Sized>(value: &T) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("strings, numbers and checked JSON always serialise")
}
