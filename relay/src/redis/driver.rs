//! The task that owns the connection to Redis: commands in, events out.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use redis::{Client, Script, Value};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};

use super::keys::Keys;
use super::link::{Link, OUTSTANDING};
use super::replica::{Join, Replica, Step};
use super::scripts::{Scripts, call};
use super::status::Status;
use super::wire::{self};
use crate::hub::{
    Command, ConnectionId, Event, Frame, HubConfig, Outcome, Position, Refusal, SessionKey, Settlement, Ticket,
    random_name,
};

/// How long it waits before it tries to connect again: at first, and at most.
const BACKOFF: Duration = Duration::from_millis(50);
const BACKOFF_LIMIT: Duration = Duration::from_secs(2);

/// How many histories are read at once. Redis ends a connection that listens and has more than 32 MB to read, so a few
/// times the bytes that a channel keeps have to stay below that.
const READS: usize = 4;

/// How long commands are held while Redis is away: a short break is not noticed.
const HOLD: Duration = Duration::from_secs(1);

/// Where a history reply stops though its limit is not reached: `more` then says that there is more.
pub(super) const PAGE_BYTES: usize = 1_024 * 1_024;

/// What was asked, to be answered when Redis answers.
#[derive(Debug)]
pub(super) enum Asked {
    Attach { connection: ConnectionId, session: SessionKey },
    Settle { connection: ConnectionId, id: u64, settles: Settles },
    Publish { ticket: Ticket },
    Join { channel: Arc<str>, join: Join },
    CatchUp { channel: Arc<str> },
    Subscribe { channel: Arc<str> },
    Unsubscribe { channel: Arc<str> },
    History { connection: ConnectionId },
    Members { connection: ConnectionId },
    Track { connection: ConnectionId, channel: Arc<str>, member: Arc<str> },
    Tend { channel: Arc<str> },
    Claim,
    Nothing,
}

/// How a fresh publish is settled.
#[derive(Debug)]
pub(super) enum Settles {
    Published { channel: Arc<str>, time_ms: u64 },
    Refused(Frame),
}

impl Settles {
    pub(super) fn settlement(self, position: Option<Position>) -> Option<Settlement> {
        match self {
            Self::Published { channel, time_ms } => {
                Some(Settlement::Published { channel, position: position?, time_ms })
            }
            Self::Refused(frame) => Some(Settlement::Refused(frame)),
        }
    }
}

/// A member that a connection of this relay speaks for: its JSON before and after the version.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) connection: ConnectionId,
    pub(super) before: String,
    pub(super) after: String,
}

pub(super) struct Driver {
    client: Client,
    pub(super) keys: Keys,
    pub(super) config: HubConfig,
    scripts: Arc<Scripts>,
    /// This relay's name among all.
    pub(super) relay: String,
    rng: fastrand::Rng,
    pub(super) status: Arc<Status>,
    commands: mpsc::UnboundedReceiver<Command>,
    /// Commands that came while Redis was away, not for long.
    held: VecDeque<Command>,
    events: mpsc::Sender<Event>,
    pub(super) told: VecDeque<Event>,
    pub(super) replicas: BTreeMap<Arc<str>, Replica>,
    /// The channel behind the name of each fan-out that is listened to.
    pub(super) lives: BTreeMap<String, Arc<str>>,
    pub(super) members: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Tracked>>,
    pub(super) sessions: BTreeMap<SessionKey, ConnectionId>,
    pub(super) asked: BTreeMap<u64, Asked>,
    pub(super) last: u64,
    /// How many readings of histories are on their way, and those that wait for them.
    pub(super) reading: usize,
    reads: VecDeque<Read>,
    /// The channel that was looked after last.
    pub(super) tended: Option<Arc<str>>,
    pub(super) claimed: Instant,
}

/// A history that is to be read from a position on.
struct Read {
    asked: Asked,
    channel: Arc<str>,
    position: Option<Position>,
    presence: bool,
}

/// Why a connection is not served any more.
enum Ended {
    /// It broke.
    Broken,
    /// The hub is gone.
    Deserted,
}

impl Driver {
    pub(super) fn new(
        client: Client,
        keys: Keys,
        config: HubConfig,
        seed: u64,
        status: Arc<Status>,
        commands: mpsc::UnboundedReceiver<Command>,
        events: mpsc::Sender<Event>,
    ) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        Self {
            client,
            keys,
            config,
            scripts: Arc::new(Scripts::new()),
            relay: random_name(&mut rng),
            rng,
            status,
            commands,
            held: VecDeque::new(),
            events,
            told: VecDeque::new(),
            replicas: BTreeMap::new(),
            lives: BTreeMap::new(),
            members: BTreeMap::new(),
            sessions: BTreeMap::new(),
            asked: BTreeMap::new(),
            last: 0,
            reading: 0,
            reads: VecDeque::new(),
            tended: None,
            claimed: Instant::now(),
        }
    }

    pub(super) async fn run(mut self) {
        let mut first = true;
        while let Some(mut link) = self.connect().await {
            tracing::info!(server.address = %self.client.get_connection_info().addr(), "Redis is there");
            self.status.set_up(true);
            if !std::mem::take(&mut first) {
                self.status.count_reconnect();
            }
            self.begin(&mut link);
            let ended = self.serve(&mut link).await;
            self.status.set_up(false);
            match ended {
                Ended::Broken => tracing::warn!("the connection to Redis is lost"),
                Ended::Deserted => return,
            }
            self.lose();
            if !self.flush().await {
                return;
            }
        }
    }

    /// Tries until Redis is there. `None` when the hub is gone.
    async fn connect(&mut self) -> Option<Link> {
        let own = format!("{}{}", self.keys.relays(), self.relay);
        let patience = Instant::now() + HOLD;
        let mut backoff = BACKOFF;
        let mut quiet = false;
        loop {
            let connecting = Link::connect(self.client.clone(), self.scripts.clone(), own.clone());
            let failed = match self.meanwhile(patience, connecting).await? {
                Ok(link) => return Some(link),
                Err(error) => error,
            };
            self.status.count_error();
            if !std::mem::replace(&mut quiet, true) {
                let address = self.client.get_connection_info().addr();
                tracing::warn!(server.address = %address, "Redis cannot be reached, trying on: {failed}");
            }
            let wait = backoff.mul_f64(0.5 + self.rng.f64() / 2.0);
            backoff = (backoff * 2).min(BACKOFF_LIMIT);
            self.meanwhile(patience, sleep(wait)).await?;
        }
    }

    /// Waits for something without Redis. Commands are held until `patience` is over, and then refused. `None` when the hub
    /// is gone.
    async fn meanwhile<T>(&mut self, patience: Instant, something: impl Future<Output = T>) -> Option<T> {
        let mut something = std::pin::pin!(something);
        loop {
            let over = Instant::now() >= patience;
            if over {
                while let Some(command) = self.held.pop_front() {
                    self.refuse(command);
                }
            }
            if !self.flush().await {
                return None;
            }
            tokio::select! {
                done = &mut something => return Some(done),
                command = self.commands.recv() => match command? {
                    command if over || self.held.len() >= OUTSTANDING => self.refuse(command),
                    command => self.held.push_back(command),
                },
                () = sleep_until(patience), if !over => {}
            }
        }
    }

    async fn serve(&mut self, link: &mut Link) -> Ended {
        while let Some(command) = self.held.pop_front() {
            self.command(link, command);
        }
        let mut ticks = interval(self.tick());
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let alive = tokio::select! {
                push = link.pushes.recv() => push.is_some_and(|push| self.pushed(link, push)),
                Some((number, result)) = link.running.next(), if !link.running.is_empty() => {
                    // What was fanned out before this answer is known before it.
                    let mut alive = true;
                    while let Ok(push) = link.pushes.try_recv() {
                        alive &= self.pushed(link, push);
                    }
                    alive & self.answered(link, number, result)
                }
                command = self.commands.recv() => {
                    let Some(command) = command else { return Ended::Deserted };
                    self.command(link, command);
                    true
                }
                _ = ticks.tick() => {
                    self.look_after(link);
                    true
                }
            };
            self.status.outstanding.store(link.running.len(), Ordering::Relaxed);
            if !self.flush().await {
                return Ended::Deserted;
            }
            if !alive || link.has_overflowed() {
                return Ended::Broken;
            }
        }
    }

    /// Tells the hub. False when it is gone.
    async fn flush(&mut self) -> bool {
        while let Some(event) = self.told.pop_front() {
            if self.events.send(event).await.is_err() {
                return false;
            }
        }
        true
    }

    /// What was asked gets no answer that counts: it may have happened or not.
    pub(super) fn fail(&mut self, asked: Asked) {
        let event = match asked {
            Asked::Attach { connection, session } => {
                Event::Attached { connection, session, result: Err(unavailable()) }
            }
            Asked::Settle { connection, id, .. } => {
                Event::Settled { connection, id, outcome: Outcome::Refused(unavailable()) }
            }
            Asked::Publish { ticket } => Event::Published { ticket, result: Err(unavailable()) },
            Asked::Join { channel, join } => {
                Event::Subscribed { connection: join.connection, channel, result: Err(unavailable()) }
            }
            Asked::History { connection } => Event::History { connection, result: Err(unavailable()) },
            Asked::Members { connection } => Event::Members { connection, result: Err(unavailable()) },
            Asked::CatchUp { .. }
            | Asked::Subscribe { .. }
            | Asked::Unsubscribe { .. }
            | Asked::Track { .. }
            | Asked::Tend { .. }
            | Asked::Claim
            | Asked::Nothing => return,
        };
        self.told.push_back(event);
    }

    /// The connection is lost: nobody will answer what was asked on it.
    fn lose(&mut self) {
        self.status.outstanding.store(0, Ordering::Relaxed);
        for asked in std::mem::take(&mut self.asked).into_values() {
            self.fail(asked);
        }
        self.lives.clear();
        self.reading = 0;
        for read in std::mem::take(&mut self.reads) {
            self.fail(read.asked);
        }
        let told = &mut self.told;
        self.replicas.retain(|channel, replica| {
            let (stays, steps) = replica.lost();
            told.extend(steps.into_iter().filter_map(|step| match step {
                Step::Fail(join) => Some(refused_join(channel, &join)),
                _ => None,
            }));
            stays
        });
    }

    pub(super) fn step(&mut self, link: &mut Link, channel: &Arc<str>, step: impl FnOnce(&mut Replica) -> Vec<Step>) {
        let Some(replica) = self.replicas.get_mut(channel) else { return };
        let steps = step(replica);
        self.take_steps(link, channel, steps);
    }

    pub(super) fn take_steps(&mut self, link: &mut Link, channel: &Arc<str>, steps: Vec<Step>) {
        for step in steps {
            let channel = channel.clone();
            match step {
                Step::Tell(event) => self.told.push_back(event),
                Step::Fail(join) => self.told.push_back(refused_join(&channel, &join)),
                Step::Forget => {
                    self.replicas.remove(&channel);
                }
                Step::Subscribe | Step::Unsubscribe => {
                    let live = self.keys.live(&channel);
                    let mut connection = link.connection.clone();
                    let on = matches!(step, Step::Subscribe);
                    let asked = if on {
                        self.lives.insert(live.clone(), channel.clone());
                        Asked::Subscribe { channel }
                    } else {
                        self.lives.remove(&live);
                        Asked::Unsubscribe { channel }
                    };
                    let number = self.number(asked);
                    link.running.push(Box::pin(async move {
                        let done =
                            if on { connection.subscribe(live).await } else { connection.unsubscribe(live).await };
                        (number, done.map(|()| Value::Okay))
                    }));
                }
                Step::Ask(join) => {
                    let (position, presence) = (join.position.clone(), join.presence);
                    let asked = Asked::Join { channel: channel.clone(), join };
                    self.reads.push_back(Read { asked, channel, position, presence });
                }
                Step::CatchUp(position) => {
                    let asked = Asked::CatchUp { channel: channel.clone() };
                    self.reads.push_back(Read { asked, channel, position: Some(position), presence: true });
                }
            }
        }
        self.read(link);
    }

    /// Reads the next histories, a few at a time.
    pub(super) fn read(&mut self, link: &mut Link) {
        while self.reading < READS
            && let Some(Read { asked, channel, position, presence }) = self.reads.pop_front()
        {
            self.reading += 1;
            let (epoch, offset) = match position {
                Some(Position { epoch, offset }) => (epoch.to_string(), offset.to_string()),
                None => Default::default(),
            };
            let more = [epoch, offset, u8::from(presence).to_string()].map(Vec::from);
            self.call_channel(link, asked, |it| &it.subscribe, &channel, &[], more);
        }
    }

    /// Who speaks for a session or a member: this relay, by this connection.
    pub(super) fn owner(&self, connection: ConnectionId) -> String {
        wire::origin(&self.relay, connection.0)
    }

    fn number(&mut self, asked: Asked) -> u64 {
        self.last += 1;
        self.asked.insert(self.last, asked);
        self.last
    }

    pub(super) fn send(&mut self, link: &mut Link, asked: Asked, command: redis::Cmd) {
        let number = self.number(asked);
        let mut connection = link.connection.clone();
        link.running.push(Box::pin(async move { (number, command.query_async(&mut connection).await) }));
    }

    pub(super) fn call<A: Into<Vec<u8>>>(
        &mut self,
        link: &mut Link,
        asked: Asked,
        script: fn(&Scripts) -> &Script,
        keys: &[String],
        arguments: impl IntoIterator<Item = A>,
    ) {
        let number = self.number(asked);
        let (keys, arguments) = (keys.to_vec(), arguments.into_iter().map(Into::into).collect::<Vec<_>>());
        let (scripts, mut connection) = (self.scripts.clone(), link.connection.clone());
        link.running
            .push(Box::pin(async move { (number, call(script(&scripts), &mut connection, &keys, &arguments).await) }));
    }

    /// Calls a script about a channel, with what all of them want first.
    pub(super) fn call_channel(
        &mut self,
        link: &mut Link,
        asked: Asked,
        script: fn(&Scripts) -> &Script,
        channel: &str,
        more_keys: &[String],
        more: impl IntoIterator<Item = Vec<u8>>,
    ) {
        let HubConfig { history_size, history_age_ms, history_bytes, channel_retention_ms, .. } = self.config;
        let name = serde_json::Value::from(channel).to_string();
        // Redis counts in 64 bits with a sign, and adds the time of day.
        let span = history_age_ms.max(channel_retention_ms).min(u64::MAX >> 12);
        let first = [
            self.keys.live(channel),
            name,
            link.run.clone(),
            random_name(&mut self.rng),
            history_size.to_string(),
            history_age_ms.to_string(),
            history_bytes.to_string(),
            span.to_string(),
        ];
        let keys = [&self.keys.channel(channel)[..], more_keys].concat();
        self.call(link, asked, script, &keys, first.into_iter().map(Vec::from).chain(more));
    }
}

pub(super) fn unavailable() -> Refusal {
    Refusal::unreachable_memory()
}

fn refused_join(channel: &Arc<str>, join: &Join) -> Event {
    Event::Subscribed { connection: join.connection, channel: channel.clone(), result: Err(unavailable()) }
}
