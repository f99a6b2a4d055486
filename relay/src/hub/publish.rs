//! `publish` and `signal`: what one says and the others hear.
//!
//! A publish has a number, an answer and a place in the history; a signal has none of them.

use serde_json::value::RawValue;

use super::answer::{Answer, json_of};
use super::broker::{Command, Outcome, Publication, Settlement, Ticket, Verdict};
use super::connection::{ConnectionId, Open, Pending, State};
use super::draft::{Author, Draft};
use super::frame::{DEPTH_LIMIT, Frame, Payload, within_depth};
use super::hold::Hold;
use super::message::{Publish, Subject, check_name};
use super::refusal::{Closing, Refusal};
use super::session::SessionKey;
use super::stats::Limit;
use super::{Hub, Output};

impl Hub {
    /// Publishes on the server's own account: `sender` 0, `from` "server". The payload is passed on byte for byte. What
    /// became of it is an [`Output::Published`] with this ticket. What comes again with the same `key`, while a session would be
    /// remembered, is answered as the first was and published once.
    ///
    /// It is refused with `bad-frame` for a name that cannot be one, a name of the library's own (`$…`), or too deep a
    /// payload; `too-large`; `unavailable` when there is no room for another channel or the broker cannot be reached.
    pub fn publish(
        &mut self,
        now_ms: u64,
        ticket: Ticket,
        key: Option<&str>,
        channel: &str,
        event: &str,
        payload: &RawValue,
    ) {
        let once = key.map(SessionKey::of_publish);
        match self.own_publication(now_ms, channel, event, payload) {
            Ok(publication) => self.ask(now_ms, Command::Publish { ticket, once, publication }),
            Err(refusal) => self.outputs.push_back(Output::Published { ticket, result: Err(refusal) }),
        }
        self.work(now_ms);
    }

    fn own_publication(
        &mut self,
        now_ms: u64,
        channel: &str,
        event: &str,
        payload: &RawValue,
    ) -> Result<Publication, Refusal> {
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
        self.publication(now_ms, &author, channel, event, Payload::Json(payload))
    }

    /// A client's publish: exactly once per id.
    pub(super) fn publish_once(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        id: u64,
        body: Result<Publish<'_>, String>,
    ) {
        let Some(it) = self.connections.get_mut(&connection) else { return };
        let State::Open(open) = &mut it.state else { return };
        let session = open.session;
        // What is settled already is answered again, and counts for nothing else.
        if open.settled.is_none_or(|settled| id > settled) {
            if let Some((code, retry)) = open.hold.as_mut().and_then(|hold| hold.refuses(now_ms, id)) {
                let refusal = Refusal::retry(code, "held back behind a lower id", retry);
                self.send_refusal(connection, &refusal, &Subject::Publish(id));
                return;
            }
            if !it.rate.take(now_ms) {
                let refusal = self.rate_limited(connection);
                return self.hold_back(now_ms, connection, id, &refusal);
            }
        }
        let (verdict, refusal) = match self.judge(now_ms, connection, id, body) {
            Ok(publication) => (Verdict::Publish(publication), None),
            Err(refusal) => {
                let frame = Answer::refused(&refusal, &Subject::Publish(id)).frame();
                (Verdict::Refuse(frame), Some(refusal))
            }
        };
        if let Some(it) = self.connections.get_mut(&connection) {
            it.pending = Some(Pending::Settle(refusal));
        }
        self.ask(now_ms, Command::Settle { connection, session, id, verdict });
    }

    fn judge(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        id: u64,
        body: Result<Publish<'_>, String>,
    ) -> Result<Publication, Refusal> {
        let Publish { channel, event, payload } = body.map_err(Refusal::bad_frame)?;
        let Some(Open { grant, member, sender, user, .. }) = self.open(connection) else {
            return Err(Refusal::forbidden(&channel));
        };
        if !grant.allows(&channel) {
            return Err(Refusal::forbidden(&channel));
        }
        let (from, user, sender) = (member.clone(), user.clone(), *sender);
        let author = Author { from: &from, sender, id, user: user.as_deref() };
        self.publication(now_ms, &author, &channel, &event, payload)
    }

    fn publication(
        &mut self,
        now_ms: u64,
        author: &Author<'_>,
        channel: &str,
        event: &str,
        payload: Payload<'_>,
    ) -> Result<Publication, Refusal> {
        let limit = self.config.payload_limit();
        if payload.size() > limit {
            self.stats.count_limit(Limit::PayloadSize, 1);
            return Err(Refusal::too_large("payload", limit, payload.size()));
        }
        let draft = Draft::new(channel, event, author, now_ms, payload);
        Ok(Publication { channel: self.channel(channel), draft, time_ms: now_ms })
    }

    /// The broker's answer to a publish.
    pub(super) fn settled(&mut self, now_ms: u64, connection: ConnectionId, id: u64, outcome: Outcome) {
        let Some(Pending::Settle(refusal)) = self.take_pending(connection) else { return };
        let subject = Subject::Publish(id);
        if let Outcome::Fresh(_) | Outcome::Again(_) = &outcome
            && let Some(open) = self.open_mut(connection)
        {
            open.settle(id);
        }
        match (outcome, refusal) {
            (Outcome::Fresh(Settlement::Refused(_)), Some(refusal)) => {
                self.refuse(now_ms, connection, &refusal, &subject);
            }
            (Outcome::Fresh(settlement), _) => {
                self.stats.published += 1;
                self.send(connection, answer(id, settlement));
            }
            (Outcome::Again(settlement), _) => self.send(connection, answer(id, settlement)),
            (Outcome::Forgotten, _) => {
                let message = "id: at or below one that is settled, and its answer is no longer kept";
                self.send_refusal(connection, &Refusal::bad_frame(message), &subject);
            }
            (Outcome::Replaced, _) => self.end(now_ms, connection, Closing::REPLACED),
            (Outcome::Refused(refusal), _) => self.hold_back(now_ms, connection, id, &refusal),
        }
    }

    /// Refuses a publish for now: it is not settled, and higher ids wait behind it.
    fn hold_back(&mut self, now_ms: u64, connection: ConnectionId, id: u64, refusal: &Refusal) {
        if let Some((open, retry)) = self.open_mut(connection).zip(refusal.retry) {
            open.hold = Some(Hold::new(now_ms, id, refusal.code, retry));
        }
        self.refuse(now_ms, connection, refusal, &Subject::Publish(id));
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
        let channel = self.channel(name);
        self.ask(now_ms, Command::Signal { channel, frame, except: connection });
    }
}

/// The answer to a publish, as it goes over the wire.
fn answer(id: u64, settlement: Settlement) -> Frame {
    match settlement {
        Settlement::Published { channel, position, time_ms } => {
            Answer::Ack { id, channel: &channel, epoch: &position.epoch, offset: position.offset, time: time_ms }
                .frame()
        }
        Settlement::Refused(frame) => frame,
    }
}
