//! A hub whose broker stands outside: what it asks, and what it makes of late, bad and missing answers.

use serde_json::{Value, json};
use tautline_relay::hub::{
    Attached, Authenticator, Command, ConnectionId, Event, Frame, Hub, HubConfig, Outcome, Output, Position, Refusal,
    RefusalCode, Settlement, Snapshot,
};

const NOW: u64 = 1_800_000_000_000;
const ANN: ConnectionId = ConnectionId(1);

struct World {
    hub: Hub,
    heard: Vec<Value>,
    asked: Vec<Command>,
    closed: Vec<u16>,
}

impl World {
    fn new() -> Self {
        let hub = Hub::outside(HubConfig::default(), Authenticator::Open, 7);
        Self { hub, heard: Vec::new(), asked: Vec::new(), closed: Vec::new() }
    }

    /// With one connection that has said hello and was let in.
    fn joined() -> Self {
        let mut world = Self::new();
        world.hub.handle_open(NOW, ANN);
        world.say(r#"{"type":"hello","session":"aaaaaaaaaaaaaaaa"}"#);
        world.attach(Ok(Attached { resumed: false, settled: None }));
        assert_eq!(world.take()[0]["type"], "welcome");
        world
    }

    fn say(&mut self, text: &str) {
        self.hub.handle_frame(NOW, ANN, Frame::text(text));
        self.drain();
    }

    fn tell(&mut self, event: Event) {
        self.hub.handle_event(NOW, event);
        self.drain();
    }

    fn attach(&mut self, result: Result<Attached, Refusal>) {
        let Some(Command::Attach { connection, session }) = self.asked.pop() else { panic!("no attach") };
        self.tell(Event::Attached { connection, session, result });
    }

    fn subscribe(&mut self) {
        self.say(r#"{"type":"subscribe","channel":"c"}"#);
        let channel = "c".into();
        self.tell(Event::Subscribed { connection: ANN, channel, result: Ok(snapshot("e", 4, true)) });
        self.asked.clear();
        self.take();
    }

    fn drain(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            match output {
                Output::Send { frame: Frame::Text(text), .. } => {
                    self.heard.push(serde_json::from_str(&text).expect("JSON"));
                }
                Output::Ask(command) => self.asked.push(*command),
                Output::Close { code, .. } => self.closed.push(code),
                other => panic!("{other:?}"),
            }
        }
    }

    fn take(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.heard)
    }

    fn settle(&mut self, id: u64, outcome: Outcome) {
        self.tell(Event::Settled { connection: ANN, id, outcome });
    }
}

fn snapshot(epoch: &str, latest: u64, recovered: bool) -> Snapshot {
    Snapshot {
        epoch: epoch.into(),
        offset: latest,
        latest,
        recovered,
        members: None,
        replay: Vec::new(),
        since: Vec::new(),
    }
}

fn publish(id: u64) -> String {
    format!(r#"{{"type":"publish","id":{id},"channel":"c","event":"e","payload":{id}}}"#)
}

fn published(offset: u64) -> Settlement {
    Settlement::Published { channel: "c".into(), position: Position { epoch: "e".into(), offset }, time_ms: NOW }
}

fn away() -> Refusal {
    Refusal { code: RefusalCode::Unavailable, message: "away".into(), limit: None, size: None, retry: Some(500) }
}

#[test]
fn nothing_is_acknowledged_before_the_broker_says_so_and_the_next_frame_waits_until_then() {
    let mut world = World::joined();
    world.say(&publish(1));
    world.say(&publish(2));
    assert!(world.hub.is_busy(ANN) && world.take().is_empty());
    assert!(matches!(world.asked[..], [Command::Settle { id: 1, .. }]), "one question at a time");
    world.settle(1, Outcome::Fresh(published(1)));
    assert_eq!(world.take()[0]["offset"], 1);
    assert!(matches!(world.asked[..], [_, Command::Settle { id: 2, .. }]));
    world.settle(2, Outcome::Again(published(2)));
    assert_eq!(world.take()[0]["offset"], 2);
    assert!(!world.hub.is_busy(ANN));
    assert_eq!(world.hub.stats().published, 1);
}

#[test]
fn a_publish_the_broker_cannot_take_holds_the_next_back_and_may_come_again() {
    let mut world = World::joined();
    world.say(&publish(1));
    world.settle(1, Outcome::Refused(away()));
    world.say(&publish(2));
    let codes: Vec<_> = world.take().iter().map(|frame| (frame["code"].clone(), frame["id"].clone())).collect();
    assert_eq!(codes, [(json!("unavailable"), json!(1)), (json!("unavailable"), json!(2))]);
    assert_eq!(world.asked.len(), 1, "what is held back is not asked for");
    world.say(&publish(1));
    world.settle(1, Outcome::Fresh(published(1)));
    assert_eq!(world.take()[0]["type"], "ack");
}

#[test]
fn a_connection_that_cannot_be_attached_is_closed_as_busy_and_one_replaced_elsewhere_as_that() {
    let mut world = World::new();
    world.hub.handle_open(NOW, ANN);
    world.say(r#"{"type":"hello","session":"aaaaaaaaaaaaaaaa"}"#);
    world.attach(Err(away()));
    assert_eq!(world.closed, [1013]);
    let mut world = World::joined();
    world.tell(Event::Replaced { connection: ANN });
    assert_eq!(world.closed, [4409]);
    let mut world = World::joined();
    world.say(&publish(1));
    world.settle(1, Outcome::Replaced);
    assert!(world.take().is_empty());
    assert_eq!(world.closed, [4409]);
}

#[test]
fn answers_for_who_has_gone_change_nothing_and_its_session_is_let_go() {
    let mut world = World::new();
    world.hub.handle_open(NOW, ANN);
    world.say(r#"{"type":"hello","session":"aaaaaaaaaaaaaaaa"}"#);
    world.hub.handle_close(NOW, ANN, None);
    world.attach(Ok(Attached { resumed: false, settled: None }));
    assert!(matches!(world.asked[..], [Command::Detach { connection: ANN, .. }]));
    let mut world = World::joined();
    world.say(r#"{"type":"subscribe","channel":"c"}"#);
    world.hub.handle_close(NOW, ANN, None);
    world.drain();
    assert!(matches!(world.asked[..], [Command::Subscribe { .. }, Command::Desert { .. }, Command::Detach { .. }]));
    world.tell(Event::Subscribed { connection: ANN, channel: "c".into(), result: Ok(snapshot("e", 0, true)) });
    world.settle(1, Outcome::Fresh(published(1)));
    assert!(world.take().is_empty() && world.closed.is_empty());
}

#[test]
fn who_has_not_joined_yet_hears_nothing_and_who_could_not_listens_no_more() {
    let mut world = World::joined();
    world.say(r#"{"type":"subscribe","channel":"c"}"#);
    let message = || Event::Message { channel: "c".into(), frame: Frame::text("{}") };
    world.tell(message());
    assert!(world.take().is_empty());
    world.tell(Event::Subscribed { connection: ANN, channel: "c".into(), result: Err(away()) });
    assert_eq!((&world.heard[0]["code"], &world.heard[0]["retry"]), (&json!("unavailable"), &json!(500)));
    assert!(matches!(world.asked[..], [_, Command::Desert { .. }]));
    world.take();
    world.tell(message());
    assert!(world.take().is_empty());
    world.subscribe();
    world.tell(message());
    assert_eq!(world.take().len(), 1);
}

#[test]
fn a_channel_that_goes_on_under_another_epoch_tells_all_who_listen() {
    let mut world = World::joined();
    world.subscribe();
    let renewed = Snapshot { replay: vec![Frame::text(r#"{"offset":5}"#)], latest: 5, ..snapshot("e2", 4, true) };
    world.tell(Event::Renewed { channel: "c".into(), snapshot: renewed });
    let subscribed = json!({"type":"subscribed","channel":"c","epoch":"e2","offset":4,"latest":5,"recovered":true});
    assert_eq!(world.take(), [subscribed, json!({"offset":5})]);
}

#[test]
fn a_relay_listens_to_no_more_channels_than_it_may() {
    let config = HubConfig { channels: 1, ..HubConfig::default() };
    let mut world = World::joined();
    world.hub = Hub::outside(config, Authenticator::Open, 7);
    world.hub.handle_open(NOW, ANN);
    world.say(r#"{"type":"hello","session":"aaaaaaaaaaaaaaaa"}"#);
    world.attach(Ok(Attached { resumed: false, settled: None }));
    world.subscribe();
    world.say(r#"{"type":"subscribe","channel":"d"}"#);
    assert_eq!((world.asked.len(), &world.heard[0]["code"]), (0, &json!("unavailable")));
}
