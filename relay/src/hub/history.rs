//! The requests the relay answers itself: `history` and `presence`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Hub;
use super::answer::{MemberView, to_raw};
use super::connection::ConnectionId;
use super::frame::{Frame, split};
use super::message::HistoryQuery;
use super::presence::views;
use super::refusal::{Refusal, RefusalCode};

/// Where a history reply stops though its limit is not reached: `more` then says that there is more.
const REPLY_BYTES: usize = 1_024 * 1_024;

#[derive(Serialize)]
struct History<'a> {
    epoch: &'a str,
    messages: Vec<Box<RawValue>>,
    more: bool,
}

#[derive(Serialize)]
struct Presence<'a> {
    members: Vec<MemberView<'a>>,
}

impl Hub {
    pub(super) fn request(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        event: &str,
        channel: Option<&str>,
        payload: Option<&RawValue>,
    ) -> Result<Box<RawValue>, Refusal> {
        if !matches!(event, "history" | "presence") {
            return Err(Refusal::new(RefusalCode::UnknownRequest, "event: expected history or presence"));
        }
        let name = channel.ok_or_else(|| Refusal::bad_frame("channel: missing"))?;
        if !self.open(connection).is_some_and(|open| open.grant.allows(name)) {
            return Err(Refusal::forbidden(name));
        }
        if event == "presence" {
            let members = self.channels.get(name).map(|channel| views(&channel.members)).unwrap_or_default();
            return Ok(to_raw(&Presence { members }));
        }
        let query = HistoryQuery::decode(payload).map_err(Refusal::bad_frame)?;
        self.history(now_ms, name, &query)
    }

    fn history(&mut self, now_ms: u64, name: &str, query: &HistoryQuery) -> Result<Box<RawValue>, Refusal> {
        let (_, channel) = self.channel(now_ms, name)?;
        let mut messages = Vec::new();
        let mut bytes = 0;
        let mut more = false;
        for frame in channel.before(query.before) {
            if messages.len() == query.limit || (bytes > 0 && bytes + frame.size() > REPLY_BYTES) {
                more = true;
                break;
            }
            bytes += frame.size();
            messages.extend(as_json(frame));
        }
        messages.reverse();
        Ok(to_raw(&History { epoch: &channel.epoch, messages, more }))
    }
}

/// A kept message as JSON: bytes become `{$binary: base64}`.
fn as_json(frame: &Frame) -> Option<Box<RawValue>> {
    let (header, bytes) = split(frame).ok()?;
    let text = match bytes {
        None => header.to_owned(),
        Some(bytes) => {
            let head = header.strip_suffix('}')?;
            format!(r#"{head},"payload":{{"$binary":"{}"}}}}"#, STANDARD.encode(bytes))
        }
    };
    RawValue::from_string(text).ok()
}
