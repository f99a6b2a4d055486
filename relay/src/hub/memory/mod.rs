//! The broker of a relay that stands alone: everything in memory, every answer at once.
//!
//! Decides whether a publish counts (rule 1 of the protocol's section 4), where it stands, what is kept, and when what
//! nobody uses is forgotten. In: commands and the time. Out: events and the next deadline.

mod channel;
mod ledger;
mod once;
mod presence;
mod session;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::broker::{
    Command, Event, HistoryQuery, Outcome, Page, Position, Publication, Settlement, Snapshot, Ticket, Verdict,
};
use super::config::HubConfig;
use super::connection::ConnectionId;
use super::refusal::Refusal;
use super::session::SessionKey;
use super::stats::{Limit, Stats};
use super::timer::Timers;
use super::{answer, random_name};

use channel::Channel;
use ledger::Ledger;
use once::Once;
use presence::{Tracked, list};
use session::Session;

/// Where a history reply stops though its limit is not reached: `more` then says that there is more.
const PAGE_BYTES: usize = 1_024 * 1_024;

/// What to look at when the time comes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    Member { channel: Arc<str>, member: Arc<str> },
    Channel(Arc<str>),
}

#[derive(Debug)]
pub(crate) struct Memory {
    config: HubConfig,
    rng: fastrand::Rng,
    sessions: BTreeMap<SessionKey, Session>,
    /// The server's own publishes that may come again.
    once: Once,
    /// Sessions without a connection, by the time it closed.
    idle_sessions: BTreeSet<(u64, SessionKey)>,
    channels: BTreeMap<Arc<str>, Channel>,
    timers: Timers<Timer>,
    /// The histories of the channels.
    histories: Ledger<Arc<str>>,
    /// The answers that sessions keep.
    answers: Ledger<SessionKey>,
    members: usize,
    /// Bytes of their states.
    presence_bytes: usize,
    events: VecDeque<Event>,
}

impl Memory {
    pub(crate) fn new(config: HubConfig, rng: fastrand::Rng) -> Self {
        Self {
            config,
            rng,
            sessions: BTreeMap::new(),
            once: Once::default(),
            idle_sessions: BTreeSet::new(),
            channels: BTreeMap::new(),
            timers: Timers::default(),
            histories: Ledger::default(),
            answers: Ledger::default(),
            members: 0,
            presence_bytes: 0,
            events: VecDeque::new(),
        }
    }

    pub(crate) fn handle_command(&mut self, now_ms: u64, command: Command) {
        match command {
            Command::Attach { connection, session } => self.attach(connection, session),
            Command::Detach { connection, session } => self.detach(now_ms, connection, session),
            Command::Settle { connection, session, id, verdict } => {
                self.settle(now_ms, connection, session, id, verdict);
            }
            Command::Publish { ticket, once, publication } => self.publish(now_ms, ticket, once, publication),
            Command::Subscribe { connection, channel, position, presence } => {
                let result = self.subscribe(now_ms, &channel, position.as_ref(), presence);
                self.events.push_back(Event::Subscribed { connection, channel, result });
            }
            Command::Desert { channel } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.heard = false;
                    channel.touch(now_ms);
                }
            }
            Command::Signal { channel, frame, except } => {
                self.events.push_back(Event::Signal { channel, frame, except: Some(except) });
            }
            Command::Track { connection, channel, member, user, state } => {
                self.track(&channel, Tracked { connection, member, user, state });
            }
            Command::Leave { connection, channel, member } => self.leave(now_ms, &channel, &member, connection),
            Command::Fade { connection, channel, member } => self.fade(now_ms, &channel, member, connection),
            Command::History { connection, channel, query } => {
                let result = self.page(now_ms, &channel, &query);
                self.events.push_back(Event::History { connection, result });
            }
            Command::Members { connection, channel } => {
                let members = self.channels.get(&channel).map(|channel| list(&channel.members));
                let result = Ok(members.unwrap_or_else(|| answer::to_raw::<[(); 0]>(&[])));
                self.events.push_back(Event::Members { connection, result });
            }
        }
    }

    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(crate) fn handle_timeout(&mut self, now_ms: u64) {
        while let Some((_, timer)) = self.timers.pop_due(now_ms) {
            match timer {
                Timer::Member { channel, member } => self.member_due(now_ms, &channel, &member),
                Timer::Channel(name) => self.channel_due(now_ms, name),
            }
        }
        while self.session_deadline().is_some_and(|at_ms| at_ms <= now_ms) {
            self.forget_oldest_session();
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<u64> {
        [self.timers.next(), self.session_deadline()].into_iter().flatten().min()
    }

    pub(crate) fn count(&self, stats: &mut Stats) {
        stats.sessions = self.sessions.len();
        stats.channels = self.channels.len();
        stats.history_bytes = self.histories.total();
        stats.answer_bytes = self.answers.total();
        stats.members = self.members;
        stats.presence_bytes = self.presence_bytes;
    }

    fn attach(&mut self, connection: ConnectionId, key: SessionKey) {
        let resumed = self.sessions.contains_key(&key);
        if !resumed && self.sessions.len() >= self.config.sessions {
            self.met(Limit::Sessions, 1);
            self.forget_oldest_session();
        }
        let session = self.sessions.entry(key).or_default();
        self.idle_sessions.remove(&(session.closed_ms, key));
        let older = session.connection.replace(connection);
        let attached = session.attached(resumed);
        self.events.extend(older.map(|older| Event::Replaced { connection: older }));
        self.events.push_back(Event::Attached { connection, session: key, result: Ok(attached) });
    }

    fn detach(&mut self, now_ms: u64, connection: ConnectionId, key: SessionKey) {
        let Some(session) = self.sessions.get_mut(&key) else { return };
        if session.connection == Some(connection) {
            session.connection = None;
            session.closed_ms = now_ms;
            self.idle_sessions.insert((now_ms, key));
        }
    }

    fn session_deadline(&self) -> Option<u64> {
        let (closed_ms, _) = self.idle_sessions.first()?;
        Some(closed_ms.saturating_add(self.config.session_retention_ms))
    }

    fn forget_oldest_session(&mut self) {
        if let Some((_, key)) = self.idle_sessions.pop_first()
            && let Some(session) = self.sessions.remove(&key)
        {
            self.answers.record(&key, session.answer_bytes(), 0);
        }
    }

    fn settle(&mut self, now_ms: u64, connection: ConnectionId, key: SessionKey, id: u64, verdict: Verdict) {
        let (outcome, message) = self.outcome(now_ms, connection, key, id, verdict);
        self.events.push_back(Event::Settled { connection, id, outcome });
        self.events.extend(message);
    }

    fn outcome(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        key: SessionKey,
        id: u64,
        verdict: Verdict,
    ) -> (Outcome, Option<Event>) {
        match self.sessions.get(&key) {
            Some(session) if session.connection == Some(connection) => {
                if let Some(outcome) = session.outcome(id) {
                    return (outcome, None);
                }
            }
            Some(_) | None => return (Outcome::Replaced, None),
        }
        let (settlement, message) = match verdict {
            Verdict::Refuse(frame) => (Settlement::Refused(frame), None),
            Verdict::Publish(publication) => {
                let (channel, time_ms) = (publication.channel.clone(), publication.time_ms);
                match self.append(now_ms, publication) {
                    Ok((position, message)) => (Settlement::Published { channel, position, time_ms }, Some(message)),
                    Err(refusal) => return (Outcome::Refused(refusal), None),
                }
            }
        };
        self.keep(key, id, settlement.clone());
        (Outcome::Fresh(settlement), message)
    }

    /// Keeps the answer to a publish for repetition.
    fn keep(&mut self, key: SessionKey, id: u64, settlement: Settlement) {
        let Some(session) = self.sessions.get_mut(&key) else { return };
        let before = session.answer_bytes();
        session.settle(id, settlement, self.config.session_answers);
        self.answers.record(&key, before, session.answer_bytes());
        while let Some(largest) = self.answers.over(self.config.answers_total) {
            let Some(session) = self.sessions.get_mut(&largest) else { break };
            let before = session.answer_bytes();
            session.forget_oldest_answer();
            self.answers.record(&largest, before, session.answer_bytes());
            self.met(Limit::AnswersTotal, 1);
        }
    }

    /// Gives a message its place in the channel. One frame serves history and every subscriber.
    fn append(&mut self, now_ms: u64, publication: Publication) -> Result<(Position, Event), Refusal> {
        let (name, channel) = self.channel(now_ms, &publication.channel)?;
        let before = channel.history_bytes();
        let frame = channel.append(now_ms, |offset| publication.draft.into_frame(offset));
        let position = Position { epoch: channel.epoch.clone(), offset: channel.latest() };
        self.trim(now_ms, &name, before);
        while let Some(largest) = self.histories.over(self.config.history_total) {
            let Some(channel) = self.channels.get_mut(&largest) else { break };
            let before = channel.history_bytes();
            channel.forget_oldest();
            self.histories.record(&largest, before, channel.history_bytes());
            self.met(Limit::HistoryTotal, 1);
        }
        Ok((position, Event::Message { channel: name, frame }))
    }

    fn publish(&mut self, now_ms: u64, ticket: Ticket, once: Option<SessionKey>, publication: Publication) {
        self.once.forget(now_ms, &self.config);
        let before = once.and_then(|key| self.once.position(&key)).map(|position| Ok((position, None)));
        let result = before.unwrap_or_else(|| {
            let (position, message) = self.append(now_ms, publication)?;
            if let Some(key) = once {
                self.once.keep(now_ms, &self.config, key, position.clone());
            }
            Ok((position, Some(message)))
        });
        let (result, message) = match result {
            Ok((position, message)) => (Ok(position), message),
            Err(refusal) => (Err(refusal), None),
        };
        self.events.push_back(Event::Published { ticket, result });
        self.events.extend(message);
    }

    fn subscribe(
        &mut self,
        now_ms: u64,
        name: &str,
        position: Option<&Position>,
        presence: bool,
    ) -> Result<Snapshot, Refusal> {
        let (_, channel) = self.channel(now_ms, name)?;
        channel.heard = true;
        let recovery = channel.recover(position.map(|position| (&*position.epoch, position.offset)));
        Ok(Snapshot {
            epoch: channel.epoch.clone(),
            offset: recovery.offset,
            latest: channel.latest(),
            recovered: recovery.recovered,
            members: presence.then(|| list(&channel.members)),
            replay: channel.after(recovery.offset).cloned().collect(),
            since: Vec::new(),
        })
    }

    fn page(&mut self, now_ms: u64, name: &str, query: &HistoryQuery) -> Result<Page, Refusal> {
        let (_, channel) = self.channel(now_ms, name)?;
        let (mut messages, mut bytes, mut more) = (Vec::new(), 0, false);
        for frame in channel.before(query.before) {
            if messages.len() == query.limit || (bytes > 0 && bytes + frame.size() > PAGE_BYTES) {
                more = true;
                break;
            }
            bytes += frame.size();
            messages.push(frame.clone());
        }
        Ok(Page { epoch: channel.epoch.clone(), messages, more })
    }

    /// The channel of this name, new if need be.
    fn channel(&mut self, now_ms: u64, name: &str) -> Result<(Arc<str>, &mut Channel), Refusal> {
        if !self.channels.contains_key(name) {
            if self.channels.len() >= self.config.channels {
                self.met(Limit::Channels, 1);
                return Err(Refusal::no_room_for_channel());
            }
            let epoch = random_name(&mut self.rng);
            let channel = Channel::new(epoch.into(), now_ms);
            let name: Arc<str> = name.into();
            self.timers.set(channel.idle_until(&self.config), Timer::Channel(name.clone()));
            self.channels.insert(name, channel);
        }
        let (name, channel) = self.channels.get_key_value(name).expect("it is there now");
        let (name, before) = (name.clone(), channel.history_bytes());
        self.trim(now_ms, &name, before);
        let channel = self.channels.get_mut(&name).expect("it is there now");
        Ok((name, channel))
    }

    /// Lets a channel forget what is too old or too much. `before`: its bytes as the ledger has them.
    fn trim(&mut self, now_ms: u64, name: &Arc<str>, before: usize) {
        let Some(channel) = self.channels.get_mut(name) else { return };
        let trimmed = channel.trim(now_ms, &self.config);
        self.histories.record(name, before, channel.history_bytes());
        self.met(Limit::HistorySize, trimmed.size);
        self.met(Limit::HistoryBytes, trimmed.bytes);
    }

    fn channel_due(&mut self, now_ms: u64, name: Arc<str>) {
        let Some(before) = self.channels.get(&name).map(Channel::history_bytes) else { return };
        self.trim(now_ms, &name, before);
        let Some(channel) = self.channels.get(&name) else { return };
        let idle_ms = channel.idle_until(&self.config);
        if !channel.in_use() && idle_ms <= now_ms {
            self.channels.remove(&name);
            return;
        }
        let look_ms = now_ms.saturating_add(self.config.channel_retention_ms.max(1));
        self.timers.set(if idle_ms > now_ms { idle_ms } else { look_ms }, Timer::Channel(name));
    }

    fn met(&mut self, limit: Limit, times: u64) {
        if times > 0 {
            self.events.push_back(Event::LimitMet { limit, times });
        }
    }
}
