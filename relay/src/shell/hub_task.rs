//! The one task that owns the hub: events in, frames to the lines out, and the hub's deadline in between.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::clock::Clock;
use super::counters::Counters;
use super::line::Line;
use crate::hub::{self as broker, ConnectionId, Frame, Hub, Output, Position, Refusal, Stats, Ticket};
use crate::redis::RedisBroker;

/// How many events may wait for the hub. Who sends one more waits, and so does its websocket.
const EVENTS: usize = 1_024;

enum Event {
    Open { connection: ConnectionId, socket: Socket },
    Frame { connection: ConnectionId, frame: Frame, turn: Turn },
    Control { connection: ConnectionId, turn: Turn },
    Closed { connection: ConnectionId, code: Option<u16> },
    Publish { message: Publication, answer: oneshot::Sender<Result<Position, Refusal>> },
    Stats { answer: oneshot::Sender<Stats> },
    Shutdown { after_ms: u64, jitter_ms: u64 },
    Restart,
    Cut { member: String, answer: oneshot::Sender<bool> },
    Stall { member: String, span: Duration, answer: oneshot::Sender<bool> },
}

/// Held by one frame of a connection until its answers are queued. Its reader waits for it before the next frame, so that
/// what the last one caused counts.
pub(crate) type Turn = OwnedSemaphorePermit;

/// A message the server itself publishes.
pub(crate) struct Publication {
    /// By which it counts once, however often it comes.
    pub(crate) key: Option<String>,
    pub(crate) channel: String,
    pub(crate) event: String,
    pub(crate) payload: Box<RawValue>,
}

/// How the rest of the shell speaks with the hub task.
#[derive(Clone)]
pub(crate) struct HubHandle {
    events: mpsc::Sender<Event>,
    connections: Arc<AtomicU64>,
}

impl HubHandle {
    /// Starts the task. `make` builds a hub, now and whenever a restart is played. The task ends only by a fault, as
    /// long as there is a handle.
    pub(crate) fn start(
        clock: Clock,
        counters: Arc<Counters>,
        make: impl Fn() -> (Hub, Option<RedisBroker>) + Send + 'static,
    ) -> (Self, JoinHandle<()>) {
        let (sender, events) = mpsc::channel(EVENTS);
        let (hub, broker) = make();
        let task =
            HubTask { clock, counters, hub, broker, make, sockets: BTreeMap::new(), tickets: Tickets::default() };
        let running = tokio::spawn(task.run(events));
        (Self { events: sender, connections: Arc::new(AtomicU64::new(1)) }, running)
    }

    pub(crate) async fn open(&self, client: IpAddr, line: Line) -> ConnectionId {
        let connection = ConnectionId(self.connections.fetch_add(1, Ordering::Relaxed));
        self.tell(Event::Open { connection, socket: Socket { client, line, turn: None } }).await;
        connection
    }

    pub(crate) async fn frame(&self, connection: ConnectionId, frame: Frame, turn: Turn) {
        self.tell(Event::Frame { connection, frame, turn }).await;
    }

    /// A ping or a pong of the websocket layer.
    pub(crate) async fn control(&self, connection: ConnectionId, turn: Turn) {
        self.tell(Event::Control { connection, turn }).await;
    }

    pub(crate) async fn closed(&self, connection: ConnectionId, code: Option<u16>) {
        self.tell(Event::Closed { connection, code }).await;
    }

    /// `None` when the hub task is gone, here and below.
    pub(crate) async fn publish(&self, message: Publication) -> Option<Result<Position, Refusal>> {
        self.ask(|answer| Event::Publish { message, answer }).await
    }

    pub(crate) async fn stats(&self) -> Option<Stats> {
        self.ask(|answer| Event::Stats { answer }).await
    }

    pub(crate) async fn shutdown(&self, after_ms: u64, jitter_ms: u64) {
        self.tell(Event::Shutdown { after_ms, jitter_ms }).await;
    }

    pub(crate) async fn restart(&self) {
        self.tell(Event::Restart).await;
    }

    /// Whether there is such a member.
    pub(crate) async fn cut(&self, member: String) -> bool {
        self.ask(|answer| Event::Cut { member, answer }).await.unwrap_or(false)
    }

    /// Whether there is such a member.
    pub(crate) async fn stall(&self, member: String, span: Duration) -> bool {
        self.ask(|answer| Event::Stall { member, span, answer }).await.unwrap_or(false)
    }

    async fn tell(&self, event: Event) {
        let _ = self.events.send(event).await;
    }

    async fn ask<T>(&self, event: impl FnOnce(oneshot::Sender<T>) -> Event) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.tell(event(answer)).await;
        answered.await.ok()
    }
}

struct HubTask<M> {
    clock: Clock,
    counters: Arc<Counters>,
    hub: Hub,
    /// The hub's broker, if it stands outside.
    broker: Option<RedisBroker>,
    make: M,
    sockets: BTreeMap<ConnectionId, Socket>,
    tickets: Tickets,
}

/// What the task knows of a websocket.
struct Socket {
    client: IpAddr,
    line: Line,
    /// Kept while the hub waits for an answer before it can handle the next frame.
    turn: Option<Turn>,
}

/// Who waits for what became of a message that the server itself publishes.
#[derive(Default)]
struct Tickets {
    last: u64,
    waiting: BTreeMap<Ticket, oneshot::Sender<Result<Position, Refusal>>>,
}

impl Tickets {
    fn take(&mut self, answer: oneshot::Sender<Result<Position, Refusal>>) -> Ticket {
        self.last += 1;
        self.waiting.insert(Ticket(self.last), answer);
        Ticket(self.last)
    }
}

impl<M: Fn() -> (Hub, Option<RedisBroker>)> HubTask<M> {
    async fn run(mut self, mut events: mpsc::Receiver<Event>) {
        loop {
            let deadline = self.hub.poll_timeout().map(|at_ms| self.clock.instant(at_ms));
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.handle(event),
                    None => return,
                },
                event = heard(self.broker.as_mut()) => match event {
                    Some(event) => self.hear(event),
                    None => return,
                },
                () = sleep_until(deadline) => self.hub.handle_timeout(self.clock.now_ms()),
            }
            self.drain();
        }
    }

    /// The broker outside says something.
    fn hear(&mut self, event: broker::Event) {
        let (now_ms, connection) = (self.clock.now_ms(), event.answers());
        self.timed(|task| task.hub.handle_event(now_ms, event));
        if let Some(connection) = connection
            && !self.hub.is_busy(connection)
            && let Some(socket) = self.sockets.get_mut(&connection)
        {
            socket.turn = None;
        }
    }

    fn handle(&mut self, event: Event) {
        let now_ms = self.clock.now_ms();
        match event {
            Event::Open { connection, socket } => {
                tracing::debug!(
                    tautline.connection.id = connection.0,
                    client.address = %socket.client,
                    network.protocol.name = "websocket",
                    network.transport = "tcp",
                    "open"
                );
                self.sockets.insert(connection, socket);
                self.hub.handle_open(now_ms, connection);
            }
            Event::Frame { connection, frame, turn } => {
                self.timed(|task| task.hub.handle_frame(now_ms, connection, frame));
                if self.hub.is_busy(connection)
                    && let Some(socket) = self.sockets.get_mut(&connection)
                {
                    socket.turn = Some(turn);
                }
            }
            Event::Control { connection, turn } => {
                self.hub.handle_control(now_ms, connection);
                self.drain();
                if let Some(socket) = self.sockets.get(&connection) {
                    socket.line.control();
                }
                drop(turn);
            }
            Event::Closed { connection, code } => {
                if let Some(socket) = self.sockets.remove(&connection) {
                    tracing::debug!(
                        tautline.connection.id = connection.0,
                        client.address = %socket.client,
                        tautline.close.code = code,
                        "closed by the client"
                    );
                    self.hub.handle_close(now_ms, connection, code);
                }
            }
            Event::Publish { message: Publication { key, channel, event, payload }, answer } => {
                let ticket = self.tickets.take(answer);
                self.timed(|task| task.hub.publish(now_ms, ticket, key.as_deref(), &channel, &event, &payload));
            }
            Event::Stats { answer } => {
                let _ = answer.send(self.hub.stats());
            }
            Event::Shutdown { after_ms, jitter_ms } => self.hub.announce_shutdown(now_ms, after_ms, jitter_ms),
            Event::Restart => {
                for socket in std::mem::take(&mut self.sockets).into_values() {
                    socket.line.cut();
                }
                (self.hub, self.broker) = (self.make)();
            }
            Event::Cut { member, answer } => {
                let _ = answer.send(self.line_of(&member).map(Line::cut).is_some());
            }
            Event::Stall { member, span, answer } => {
                let _ = answer.send(self.line_of(&member).map(|line| line.stall(Instant::now() + span)).is_some());
            }
        }
    }

    /// Lets the hub do something, and notes how long that took if a message was fanned out by it.
    fn timed(&mut self, something: impl FnOnce(&mut Self)) {
        let (began, fanned_out) = (Instant::now(), self.hub.fanned_out());
        something(self);
        self.drain();
        if self.hub.fanned_out() != fanned_out {
            self.counters.fan_out.observe(began.elapsed());
        }
    }

    fn line_of(&self, member: &str) -> Option<&Line> {
        let connection = self.hub.connection_of(member)?;
        self.sockets.get(&connection).map(|socket| &socket.line)
    }

    fn drain(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            match output {
                Output::Send { connection, frame } => {
                    let Some(Socket { client, line, .. }) = self.sockets.get(&connection) else { continue };
                    if let Err(limit) = line.send(frame) {
                        self.counters.limit(limit);
                        self.counters.closed(TOO_SLOW.0);
                        tracing::info!(
                            tautline.connection.id = connection.0,
                            client.address = %client,
                            tautline.close.code = TOO_SLOW.0,
                            tautline.limit = limit.as_str(),
                            "closed, too slow"
                        );
                        self.sockets.remove(&connection);
                        self.hub.handle_close(self.clock.now_ms(), connection, None);
                    }
                }
                Output::Close { connection, code, reason } => {
                    if let Some(Socket { client, line, .. }) = self.sockets.remove(&connection) {
                        self.counters.closed(code);
                        tracing::info!(
                            tautline.connection.id = connection.0,
                            client.address = %client,
                            tautline.close.code = code,
                            tautline.close.reason = reason,
                            "closed"
                        );
                        line.close(code, reason);
                    }
                }
                Output::Published { ticket, result } => {
                    if let Some(answer) = self.tickets.waiting.remove(&ticket) {
                        let _ = answer.send(result);
                    }
                }
                Output::Ask(command) => {
                    if let Some(broker) = &self.broker {
                        broker.ask(*command);
                    }
                }
            }
        }
    }
}

/// How a client is closed that does not read what it gets.
pub(crate) const TOO_SLOW: (u16, &str) = (4429, "too slow: read what is sent, or subscribe to less");

/// What the broker outside says. `None` when it has failed: it does not end before the hub.
async fn heard(broker: Option<&mut RedisBroker>) -> Option<broker::Event> {
    match broker {
        Some(broker) => broker.events.recv().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
