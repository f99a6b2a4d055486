//! One run: what everybody does, chosen by the seed, and the clock that drives them all.

use crate::dice::Dice;
use crate::model::{Model, Sabotage, Totals};
use crate::network::{Arrival, ClientHears, Network};
use crate::peer::{Peer, QUEUE, hear};
use crate::support::{Data, Out, World};
use serde_json::{Value, value::RawValue};
use tautline::Duration;
use tautline::{NetworkEvent, PageEvent, PublicState};
use tautline_relay::hub::{Authenticator, ConnectionId, Frame, Hub, HubConfig, Output, Ticket};

const CHANNELS: [&str; 3] = ["a", "b", "c"];
/// The server counts from 1970.
const EPOCH: u64 = 1_700_000_000_000;
const MAX_STEPS: u32 = 200_000;

pub(crate) struct Sim {
    dice: Dice,
    now: u64,
    hub: Hub,
    hub_config: HubConfig,
    network: Network,
    peers: Vec<Peer>,
    model: Model,
    server_sent: u64,
    sabotage: Option<Sabotage>,
    healed: bool,
    /// A server that never restarts: not a single gap is allowed then.
    steady: bool,
}

impl Sim {
    pub(crate) fn new(seed: u64, sabotage: Option<Sabotage>) -> Self {
        let mut dice = Dice::new(seed);
        let hub_config = HubConfig {
            rate: [5, 20, 100][dice.index(3)],
            history_size: [4, 1000, 1000][dice.index(3)],
            ..HubConfig::default()
        };
        let steady = dice.once_in(3);
        let peers = (0..2 + dice.index(3)).map(|index| Peer::new(index, dice.below(u64::MAX))).collect();
        let model = Model::new(hub_config.history_size < 1000);
        Self {
            hub: Hub::new(hub_config.clone(), Authenticator::Open, dice.below(u64::MAX)),
            dice,
            now: 0,
            hub_config,
            network: Network::default(),
            peers,
            model,
            server_sent: 0,
            sabotage,
            healed: false,
            steady,
        }
    }

    pub(crate) fn run(mut self) -> Totals {
        for peer in 0..self.peers.len() {
            self.act(peer, |world| world.connect());
            self.subscribe(peer, CHANNELS[0]);
        }
        for _ in 0..60 + self.dice.below(60) {
            let pause = if self.dice.once_in(4) { self.dice.below(8000) } else { self.dice.below(300) };
            self.pass(pause);
            self.something_happens();
        }
        self.heal();
        self.check();
        self.model.totals
    }

    /// Everything works again, and everybody has time.
    fn heal(&mut self) {
        self.healed = true;
        self.network.unreachable.clear();
        for peer in 0..self.peers.len() {
            self.peers[peer].away = false;
            self.act(peer, |world| world.network(NetworkEvent::Online));
            self.act(peer, |world| world.page(PageEvent::Returned));
            self.act(peer, |world| world.connect());
        }
        for _ in 0..20 {
            self.pass(15_000);
            for peer in 0..self.peers.len() {
                self.act(peer, |world| world.connect());
                self.act(peer, |world| world.retry());
            }
        }
        self.pass(60_000);
    }

    fn check(&mut self) {
        for (index, peer) in self.peers.iter_mut().enumerate() {
            assert_eq!(peer.world.state(), PublicState::Connected, "peer {index} at the end");
            assert_eq!(peer.world.client.queue(), (0, 0), "peer {index} at the end");
            peer.world.assert_settled();
            self.model.totals.connections += peer.world.client.stats().connections;
            self.model.totals.duplicates += peer.world.client.stats().duplicates;
        }
        self.model.assert_complete();
    }

    fn something_happens(&mut self) {
        let peer = self.dice.index(self.peers.len());
        let channel = CHANNELS[self.dice.index(CHANNELS.len())];
        match self.dice.below(42) {
            0..=13 => self.publish(peer, channel, 1),
            14 => self.publish(peer, channel, 30),
            15 => {
                self.act(peer, |world| world.publish_volatile(channel, "0"));
                self.act(peer, |world| world.request("0", 2000));
            }
            16..=18 => self.subscribe(peer, channel),
            19 => {
                let world = &mut self.peers[peer].world;
                let id = world.client.channel(&channel.to_owned());
                self.act(peer, |world| world.unsubscribe(id));
                self.peers[peer].wanted.remove(channel);
                self.model.leaves(peer, channel);
            }
            20 | 21 => {
                self.server_sent += 1;
                let payload = format!("[-1,{}]", self.server_sent);
                let json = RawValue::from_string(payload.clone()).expect("JSON");
                self.hub.publish(EPOCH + self.now, Ticket(self.server_sent), None, channel, "m", &json);
                let answer = self.hub.poll_output();
                let Some(Output::Published { result: Ok(position), .. }) = answer else { panic!("{answer:?}") };
                self.model.published(channel, &position.epoch, position.offset, &payload);
            }
            22..=24 => self.cut(peer),
            25 => self.stall(peer),
            26 => {
                let until = self.now + self.dice.below(90_000);
                self.peers[peer].frozen_until = self.peers[peer].frozen_until.max(until);
            }
            27 | 28 => {
                let away = !self.peers[peer].away;
                self.peers[peer].away = away;
                self.act(peer, |world| world.page(if away { PageEvent::Left } else { PageEvent::Returned }));
            }
            29 | 30 => {
                let back = self.network.unreachable.remove(&peer);
                if !back {
                    self.network.unreachable.insert(peer);
                    self.cut(peer);
                }
                let event = if back { NetworkEvent::Online } else { NetworkEvent::Offline };
                self.act(peer, |world| world.network(event));
            }
            31 | 32 if self.steady => self.cut(peer),
            31 => self.restart(),
            32 => {
                self.hub.announce_shutdown(EPOCH + self.now, 500, 2000);
                self.pass(1500);
                self.restart();
            }
            33 => self.act(peer, |world| world.close()),
            34 | 35 => self.act(peer, |world| world.connect()),
            36 => {
                let id = self.dice.below(self.peers[peer].sent + 1);
                self.act(peer, |world| world.cancel(id));
            }
            37 => self.act(peer, |world| world.page(PageEvent::Visible)),
            38 => self.repeat_late_events(peer),
            39 | 40 => self.reload(peer),
            _ => {
                let back = Duration::from_millis(self.dice.below(5000));
                self.peers[peer].world.now_is_earlier(back);
                self.publish_at_wrong_time(peer, channel);
            }
        }
    }

    fn subscribe(&mut self, peer: usize, channel: &'static str) {
        self.model.wants(peer, channel);
        self.peers[peer].wanted.insert(channel);
        self.act(peer, |world| world.subscribe(channel));
    }

    fn publish(&mut self, peer: usize, channel: &'static str, times: usize) {
        self.peers[peer].world.set_now(self.now);
        for _ in 0..times {
            self.publish_at_wrong_time(peer, channel);
        }
    }

    fn publish_at_wrong_time(&mut self, peer: usize, channel: &'static str) {
        let it = &mut self.peers[peer];
        it.sent += 1;
        let payload = format!("[{peer},{}]", it.sent);
        let message = it.world.message(channel, &payload);
        let ttl = self.dice.once_in(6).then(|| Duration::from_millis(self.dice.below(4000)));
        if let Ok(id) = it.world.publish_message(tautline::Message { ttl, ..message }) {
            it.payloads.insert(id, (channel, payload));
            self.model.totals.published += 1;
        }
        assert!(it.world.client.queue().0 <= QUEUE, "the queue is bounded");
        self.settle();
    }

    /// The line of a client breaks. Each side may hear of it, soon, late or never.
    fn cut(&mut self, peer: usize) {
        let Some(connection) = self.network.find(peer, self.peers[peer].world.socket) else { return };
        let Some(link) = self.network.links.get_mut(&connection) else { return };
        (link.up_dead, link.down_dead) = (true, true);
        let socket = link.socket;
        if !self.dice.once_in(4) {
            let at = self.now + self.dice.delay();
            self.network.put(at, Arrival::ToClient(peer, socket, ClientHears::Closed(None)));
        }
        if !self.dice.once_in(4) {
            let at = self.now + self.dice.below(20_000);
            self.network.put(at, Arrival::ServerHearsEnd(connection, None));
        }
    }

    /// One direction of a line goes mute.
    fn stall(&mut self, peer: usize) {
        let Some(connection) = self.network.find(peer, self.peers[peer].world.socket) else { return };
        let up = self.dice.once_in(2);
        if let Some(link) = self.network.links.get_mut(&connection) {
            if up { link.up_dead = true } else { link.down_dead = true }
        }
    }

    /// The server starts again without a memory.
    fn restart(&mut self) {
        self.hub = Hub::new(self.hub_config.clone(), Authenticator::Open, self.dice.below(u64::MAX));
        self.model.restarted();
        for peer in 0..self.peers.len() {
            self.cut(peer);
        }
    }

    /// The page is loaded again, and finds its queue kept.
    fn reload(&mut self, peer: usize) {
        for connection in self.network.unload(peer) {
            let at = self.now + self.dice.below(5000);
            self.network.up(connection, at, Arrival::ServerHearsEnd(connection, Some(1001)));
        }
        let seed = self.dice.below(u64::MAX);
        let it = &mut self.peers[peer];
        let unsettled = it.world.unsettled();
        let unsettled: Vec<_> =
            unsettled.into_iter().map(|id| (id, it.payloads[&id].0, it.payloads[&id].1.clone())).collect();
        (it.frozen_until, it.away, it.kept) = (self.now, false, None);
        it.late.clear();
        it.world.set_now(self.now);
        it.world.reload(Peer::config(seed), &it.session, seed, &unsettled);
        self.model.totals.reloads += 1;
        self.settle();
        for channel in self.peers[peer].wanted.clone() {
            self.model.leaves(peer, channel);
            self.subscribe(peer, channel);
        }
        self.act(peer, World::connect);
    }

    /// Old sockets speak again: nobody may listen.
    fn repeat_late_events(&mut self, peer: usize) {
        let late = core::mem::take(&mut self.peers[peer].late);
        for (socket, hears) in late {
            if socket != self.peers[peer].world.socket {
                self.act(peer, |world| hear(world, socket, hears));
            }
        }
    }

    /// One input of a client, at the time it is, and all that follows.
    fn act<R>(&mut self, peer: usize, input: impl FnOnce(&mut World) -> R) {
        let world = &mut self.peers[peer].world;
        world.set_now(self.now);
        input(world);
        self.settle();
    }

    /// Lets time pass.
    fn pass(&mut self, millis: u64) {
        let end = self.now + millis;
        let mut steps = 0;
        loop {
            self.settle();
            let hub = self.hub.poll_timeout().map(|at| at.saturating_sub(EPOCH));
            let peers = self.peers.iter().filter_map(Peer::due);
            let next = peers.chain(hub).chain(self.network.next()).min().filter(|next| *next <= end);
            let Some(next) = next else { break };
            steps += 1;
            assert!(steps < MAX_STEPS, "busy loop at {}", self.now);
            self.now = self.now.max(next);
            self.tick();
        }
        self.now = end;
    }

    fn tick(&mut self) {
        if self.hub.poll_timeout().is_some_and(|at| at <= EPOCH + self.now) {
            self.hub.handle_timeout(EPOCH + self.now);
        }
        if let Some((key, arrival)) = self.network.take_due(self.now) {
            self.arrive(key, arrival);
        }
        for peer in 0..self.peers.len() {
            if self.peers[peer].due().is_some_and(|due| due <= self.now) {
                self.act(peer, World::timeout);
            }
        }
    }

    fn arrive(&mut self, key: (u64, u64), arrival: Arrival) {
        let now = EPOCH + self.now;
        match arrival {
            Arrival::Knock(connection) => {
                let unreachable = match self.network.links.get(&connection) {
                    Some(link) => link.up_dead || self.network.unreachable.contains(&link.peer),
                    None => true,
                };
                let at = self.now + self.delay();
                if unreachable {
                    if !self.dice.once_in(3) {
                        self.network.down(connection, at, ClientHears::Closed(None));
                    }
                } else {
                    self.hub.handle_open(now, connection);
                    self.network.down(connection, at, ClientHears::Opened);
                }
            }
            Arrival::ToServer(connection, frame) => {
                if self.network.links.get(&connection).is_some_and(|link| !link.up_dead) {
                    if matches!(&frame, Frame::Text(text) if text.contains(r#""token":"bad""#)) {
                        self.refuse_token(connection);
                    } else {
                        self.hub.handle_frame(now, connection, frame);
                    }
                }
            }
            Arrival::ServerHearsEnd(connection, code) => {
                self.hub.handle_close(now, connection, code);
                if let Some(link) = self.network.links.get_mut(&connection) {
                    link.up_dead = true;
                }
            }
            Arrival::ToClient(peer, socket, hears) => {
                let it = &mut self.peers[peer];
                if it.frozen_until > self.now {
                    let until = it.frozen_until;
                    return self.network.postpone(key, until, Arrival::ToClient(peer, socket, hears));
                }
                let dead = self.network.find(peer, socket).is_none_or(|id| self.network.links[&id].down_dead);
                if dead && !matches!(hears, ClientHears::Closed(None)) {
                    return;
                }
                if self.dice.once_in(10) && it.late.len() < 20 {
                    it.late.push((socket, hears.clone()));
                }
                self.act(peer, |world| hear(world, socket, hears));
            }
            Arrival::Resolved { peer, attempt, url, token, fails } => self.act(peer, |world| {
                if fails {
                    world.resolve_attempt_fails(attempt);
                } else {
                    world.resolve_attempt(attempt, url.then_some("ws://x/"), Some(token));
                }
            }),
        }
    }

    /// The door keeper does not like this token.
    fn refuse_token(&mut self, connection: ConnectionId) {
        let frame = r#"{"type":"refused","code":"token-invalid","message":"no"}"#;
        let at = self.now + self.delay();
        self.network.down(connection, at, ClientHears::Frame(Data::Text(frame.into())));
        self.network.down(connection, at, ClientHears::Closed(Some(4401)));
        self.hub.handle_close(EPOCH + self.now, connection, None);
    }

    fn delay(&mut self) -> u64 {
        if self.healed { self.dice.below(30) } else { self.dice.delay() }
    }

    /// Carries out what everybody wants, until nobody wants anything.
    fn settle(&mut self) {
        let mut busy = true;
        while busy {
            busy = false;
            while let Some(output) = self.hub.poll_output() {
                busy = true;
                self.server_wants(output);
            }
            for peer in 0..self.peers.len() {
                for out in self.peers[peer].world.take().0 {
                    busy = true;
                    self.client_wants(peer, out);
                }
            }
        }
    }

    fn server_wants(&mut self, output: Output) {
        let at = self.now + self.delay();
        match output {
            Output::Send { connection, frame } => {
                let Frame::Text(text) = frame else { panic!("nobody sends bytes here") };
                self.note_ack(connection, &text);
                self.network.down(connection, at, ClientHears::Frame(Data::Text(text.to_string())));
            }
            Output::Published { .. } | Output::Ask(_) => panic!("{output:?}"),
            Output::Close { connection, code, .. } => {
                self.network.down(connection, at, ClientHears::Closed(Some(code)));
            }
        }
    }

    /// The history is what the server says it published.
    fn note_ack(&mut self, connection: ConnectionId, text: &str) {
        if !text.starts_with(r#"{"type":"ack""#) {
            return;
        }
        let ack: Value = serde_json::from_str(text).expect("JSON");
        let link = &self.network.links[&connection];
        let (_, payload) = &self.peers[link.peer].payloads[&ack["id"].as_u64().expect("an id")];
        let (channel, epoch) = (ack["channel"].as_str().expect("a name"), ack["epoch"].as_str().expect("an epoch"));
        self.model.published(channel, epoch, ack["offset"].as_u64().expect("an offset"), payload);
    }

    fn client_wants(&mut self, peer: usize, out: Out) {
        let at = self.now + self.delay();
        match out {
            Out::Resolve { attempt, why } => {
                let fails = !self.healed && self.dice.once_in(15);
                let bad = !self.healed && why == tautline::TokenWhy::Connect && self.dice.once_in(10);
                let token = if bad { "bad" } else { "good" };
                let at = if !self.healed && self.dice.once_in(15) { at + 20_000 } else { at };
                self.network.put(at, Arrival::Resolved { peer, attempt, url: true, token, fails });
            }
            Out::Open { socket, .. } => {
                let connection = self.network.link(peer, socket, self.now);
                self.network.up(connection, at, Arrival::Knock(connection));
            }
            Out::Sent { socket, data } => {
                let Some(connection) = self.network.find(peer, socket) else { panic!("a send needs a socket") };
                let Data::Text(text) = data else { panic!("nobody sends bytes here") };
                self.network.up(connection, at, Arrival::ToServer(connection, Frame::text(text)));
            }
            Out::Close { socket, code, listen, .. } => {
                let Some(connection) = self.network.find(peer, socket) else { panic!("a close needs a socket") };
                self.network.up(connection, at, Arrival::ServerHearsEnd(connection, Some(code)));
                if listen {
                    self.network.down(connection, at + 1, ClientHears::Closed(Some(code)));
                }
            }
            Out::Event(event) => self.application_hears(peer, event),
        }
    }

    fn application_hears(&mut self, peer: usize, event: Value) {
        let Some(sabotage) = self.sabotage else { return self.model.heard(peer, &event) };
        let kind = event["event"].as_str().unwrap_or_default();
        let strikes = kind == "message" && self.dice.once_in(5);
        match sabotage {
            Sabotage::Twice if strikes => self.model.heard(peer, &event),
            Sabotage::Lost if strikes => return,
            Sabotage::Silent if kind == "gap" => return,
            Sabotage::Mixed if strikes => {
                let mut mixed = event;
                mixed["payload"] = serde_json::json!([9, 9]);
                return self.model.heard(peer, &mixed);
            }
            Sabotage::Swapped if kind == "message" => match self.peers[peer].kept.take() {
                None if strikes => return self.peers[peer].kept = Some(event),
                None => {}
                Some(kept) => {
                    self.model.heard(peer, &event);
                    return self.model.heard(peer, &kept);
                }
            },
            _ => {}
        }
        self.model.heard(peer, &event);
    }
}
