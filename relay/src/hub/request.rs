//! The requests the relay answers itself: `history` and `presence`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Hub;
use super::answer::{Answer, to_raw};
use super::broker::{Command, HistoryQuery, Page};
use super::connection::{ConnectionId, Pending};
use super::frame::{Frame, split};
use super::message::Subject;
use super::refusal::{Refusal, RefusalCode};

#[derive(Serialize)]
struct History<'a> {
    epoch: &'a str,
    messages: Vec<Box<RawValue>>,
    more: bool,
}

#[derive(Serialize)]
struct Presence<'a> {
    members: &'a RawValue,
}

impl Hub {
    pub(super) fn request(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        id: u64,
        event: &str,
        channel: Option<&str>,
        payload: Option<&RawValue>,
    ) {
        match self.question(connection, event, channel, payload) {
            Ok(command) => {
                if let Some(it) = self.connections.get_mut(&connection) {
                    it.pending = Some(Pending::Request(id));
                }
                self.ask(now_ms, command);
            }
            Err(refusal) => self.refuse(now_ms, connection, &refusal, &Subject::Request(id)),
        }
    }

    fn question(
        &self,
        connection: ConnectionId,
        event: &str,
        channel: Option<&str>,
        payload: Option<&RawValue>,
    ) -> Result<Command, Refusal> {
        if !matches!(event, "history" | "presence") {
            return Err(Refusal::new(RefusalCode::UnknownRequest, "event: expected history or presence"));
        }
        let name = channel.ok_or_else(|| Refusal::bad_frame("channel: missing"))?;
        if !self.open(connection).is_some_and(|open| open.grant.allows(name)) {
            return Err(Refusal::forbidden(name));
        }
        let channel = self.channel(name);
        if event == "presence" {
            return Ok(Command::Members { connection, channel });
        }
        let query = HistoryQuery::decode(payload).map_err(Refusal::bad_frame)?;
        Ok(Command::History { connection, channel, query })
    }

    /// The broker's answer to a `history`.
    pub(super) fn history_read(&mut self, now_ms: u64, connection: ConnectionId, result: Result<Page, Refusal>) {
        let reply = result.map(|Page { epoch, messages, more }| {
            let messages = messages.iter().rev().filter_map(as_json).collect();
            to_raw(&History { epoch: &epoch, messages, more })
        });
        self.reply(now_ms, connection, reply);
    }

    /// The broker's answer to a `presence`.
    pub(super) fn members_read(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        result: Result<Box<RawValue>, Refusal>,
    ) {
        self.reply(now_ms, connection, result.map(|members| to_raw(&Presence { members: &members })));
    }

    fn reply(&mut self, now_ms: u64, connection: ConnectionId, result: Result<Box<RawValue>, Refusal>) {
        let Some(Pending::Request(id)) = self.take_pending(connection) else { return };
        match result {
            Ok(payload) => self.send(connection, Answer::Reply { request: id, payload: &payload }.frame()),
            Err(refusal) => self.refuse(now_ms, connection, &refusal, &Subject::Request(id)),
        }
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
