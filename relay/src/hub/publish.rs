//! `publish` and `signal`: what one says and the others hear.
//!
//! A publish has a number, an answer and a place in the history; a signal has none of them.

use serde_json::value::RawValue;

use super::answer::{Answer, json_of};
use super::channel::Position;
use super::connection::ConnectionId;
use super::frame::{DEPTH_LIMIT, Frame, Payload, within_depth};
use super::message::{Publish, Subject, check_name};
use super::refusal::Refusal;
use super::session::Gate;
use super::stats::Limit;
use super::{Hub, Output};

/// Who published, as receivers see it.
struct Author<'a> {
    from: &'a str,
    sender: u64,
    id: u64,
    user: Option<&'a str>,
}

impl Hub {
    /// Publishes on the server's own account: `sender` 0, `from` "server". The payload is passed on byte for byte.
    ///
    /// # Errors
    ///
    /// `bad-frame` for a name that cannot be one, a name of the library's own (`$…`), or too deep a payload;
    /// `too-large`; `unavailable` when there is no room for another channel.
    pub fn publish(
        &mut self,
        now_ms: u64,
        channel: &str,
        event: &str,
        payload: &RawValue,
    ) -> Result<Position, Refusal> {
        check_name("channel", channel).map_err(Refusal::bad_frame)?;
        check_name("event", event).map_err(Refusal::bad_frame)?;
        if event.starts_with('$') {
            return Err(Refusal::bad_frame("event: names that begin with $ are the library's own"));
        }
        // In a message the payload stands one level deeper than alone.
        if !within_depth(payload.get(), DEPTH_LIMIT - 1) {
            return Err(Refusal::bad_frame("payload: nested deeper than 63"));
        }
        let author = Author { from: "server", sender: 0, id: 0, user: None };
        let (position, frame) = self.append(now_ms, author, channel, event, Payload::Json(payload))?;
        self.fan_out(channel, &frame);
        Ok(position)
    }

    /// A client's publish: exactly once per id.
    pub(super) fn publish_once(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        id: u64,
        body: Result<Publish<'_>, String>,
    ) {
        let Some(key) = self.open(connection).map(|open| open.session) else { return };
        let Some(session) = self.sessions.get_mut(&key) else { return };
        let subject = Subject::Publish(id);
        match session.gate(now_ms, id) {
            Gate::Settled(Some(answer)) => return self.send(connection, answer),
            Gate::Settled(None) => {
                let message = "id: at or below one that is settled, and its answer is no longer kept";
                self.send_refusal(connection, &Refusal::bad_frame(message), &subject);
                return;
            }
            Gate::Held { code, retry } => {
                let refusal = Refusal::retry(code, "held back behind a lower id", retry);
                self.send_refusal(connection, &refusal, &subject);
                return;
            }
            Gate::Open => {}
        }
        if !self.connections.get_mut(&connection).is_some_and(|it| it.rate.take(now_ms)) {
            let refusal = self.rate_limited(connection);
            return self.refuse_publish(now_ms, connection, id, &refusal);
        }
        let (sender, from, user) = match self.sessions.get(&key) {
            Some(session) => (session.sender, session.member.clone(), session.user.clone()),
            None => return,
        };
        let author = Author { from: &from, sender, id, user: user.as_deref() };
        let published = body.map_err(Refusal::bad_frame).and_then(|body| {
            if !self.open(connection).is_some_and(|open| open.grant.allows(&body.channel)) {
                return Err(Refusal::forbidden(&body.channel));
            }
            let (position, frame) = self.append(now_ms, author, &body.channel, &body.event, body.payload)?;
            Ok((position, frame, body.channel))
        });
        match published {
            Ok((Position { epoch, offset }, frame, channel)) => {
                let ack = Answer::Ack { id, channel: &channel, epoch: &epoch, offset, time: now_ms }.frame();
                self.settle(connection, id, ack.clone());
                self.send(connection, ack);
                self.fan_out(&channel, &frame);
            }
            Err(refusal) => self.refuse_publish(now_ms, connection, id, &refusal),
        }
    }

    /// Refuses a new publish: with `retry` it is held back, without it is settled.
    fn refuse_publish(&mut self, now_ms: u64, connection: ConnectionId, id: u64, refusal: &Refusal) {
        let subject = Subject::Publish(id);
        match refusal.retry {
            Some(retry) => {
                let key = self.open(connection).map(|open| open.session);
                if let Some(session) = key.and_then(|key| self.sessions.get_mut(&key)) {
                    session.hold(now_ms, id, refusal.code, retry);
                }
            }
            None => {
                let answer = Answer::refused(refusal, &subject).frame();
                self.settle(connection, id, answer);
            }
        }
        self.refuse(now_ms, connection, refusal, &subject);
    }

    fn settle(&mut self, connection: ConnectionId, id: u64, answer: Frame) {
        let Some(key) = self.open(connection).map(|open| open.session) else { return };
        let Some(session) = self.sessions.get_mut(&key) else { return };
        let before = session.answer_bytes();
        session.settle(id, answer, self.config.session_answers);
        self.answers.record(&key, before, session.answer_bytes());
        while let Some(largest) = self.answers.over(self.config.answers_total) {
            let Some(session) = self.sessions.get_mut(&largest) else { break };
            let before = session.answer_bytes();
            session.forget_oldest_answer();
            self.answers.record(&largest, before, session.answer_bytes());
            self.stats.count_limit(Limit::AnswersTotal, 1);
        }
    }

    /// Gives a message its place in the channel. One frame serves history and every subscriber.
    fn append(
        &mut self,
        now_ms: u64,
        author: Author<'_>,
        name: &str,
        event: &str,
        payload: Payload<'_>,
    ) -> Result<(Position, Frame), Refusal> {
        let limit = self.config.payload_limit();
        if payload.size() > limit {
            self.stats.count_limit(Limit::PayloadSize, 1);
            return Err(Refusal::too_large("payload", limit, payload.size()));
        }
        let (key, channel) = self.channel(now_ms, name)?;
        let Author { from, sender, id, user } = author;
        let build = |offset| {
            let payload_json = json_of(Some(payload));
            Answer::Message {
                channel: name,
                event,
                offset,
                from,
                sender,
                id,
                user,
                time: now_ms,
                payload: payload_json,
            }
            .frame_with(Some(payload))
        };
        let before = channel.history_bytes();
        let frame = channel.append(now_ms, build);
        let position = Position { epoch: channel.epoch.clone(), offset: channel.latest() };
        self.stats.published += 1;
        self.trim(now_ms, &key, before);
        while let Some(largest) = self.histories.over(self.config.history_total) {
            let Some(channel) = self.channels.get_mut(&largest) else { break };
            let before = channel.history_bytes();
            channel.forget_oldest();
            self.histories.record(&largest, before, channel.history_bytes());
            self.stats.count_limit(Limit::HistoryTotal, 1);
        }
        Ok((position, frame))
    }

    fn fan_out(&mut self, name: &str, frame: &Frame) {
        let Some(channel) = self.channels.get(name) else { return };
        let everybody = channel.subscribers.keys();
        self.stats.delivered += everybody.len() as u64;
        self.outputs.extend(everybody.map(|connection| Output::Send { connection: *connection, frame: frame.clone() }));
    }

    /// A passing word to the channel's other subscribers.
    pub(super) fn signal(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        name: &str,
        event: &str,
        payload: Option<Payload<'_>>,
        ttl: Option<u64>,
    ) {
        let Some(open) = self.open(connection) else { return };
        let refusal = if !open.grant.allows(name) {
            Some(Refusal::forbidden(name))
        } else if !open.channels.contains(name) {
            Some(Refusal::not_subscribed(name))
        } else {
            None
        };
        if let Some(refusal) = refusal {
            return self.refuse(now_ms, connection, &refusal, &Subject::Channel(name.into()));
        }
        let user = open.user.as_deref();
        let signal = Answer::Signal { channel: name, event, from: &open.member, user, ttl, payload: json_of(payload) };
        let frame = signal.frame_with(payload);
        let Some(channel) = self.channels.get(name) else { return };
        let others = channel.subscribers.keys().filter(|other| **other != connection);
        self.outputs.extend(others.map(|other| Output::Send { connection: *other, frame: frame.clone() }));
    }
}
