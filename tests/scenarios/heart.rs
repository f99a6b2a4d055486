//! Signs of life: what keeps a line, what ends it.

use crate::support::{World, config};
use serde_json::json;
use tautline::Duration;
use tautline::{Config, HeartbeatConfig, NetworkEvent, PageEvent, PublicState};

const PING: &str = r#"{"type":"ping"}"#;

fn pong(world: &mut World) {
    world.receive(&json!({ "type": "pong" }));
}

/// Advances to the next ping and takes it.
fn next_ping(world: &mut World) {
    for _ in 0..10 {
        let due = world.due_in().expect("a heart");
        world.advance(due);
        if world.sent().contains(&PING.to_owned()) {
            return;
        }
    }
    panic!("no ping");
}

#[test]
fn a_peer_that_does_not_answer_is_dead_at_the_deadline() {
    let mut world = World::connected(config());
    next_ping(&mut world);
    world.advance_ms(9_999);
    assert_eq!(world.state(), PublicState::Connected);
    world.take();
    world.advance_ms(1);
    let log = world.take();
    assert_eq!(log.closes(), [(4000, false)]);
    assert_eq!(log.events_of("state")[0]["cause"], "lost/heartbeat");
}

#[test]
fn an_answered_heart_beats_every_interval_for_a_day() {
    let mut world = World::connected(config());
    let mut beats = 0;
    next_ping(&mut world);
    let end = world.now() + Duration::from_secs(86_400);
    while world.now() < end {
        world.advance_ms(30);
        pong(&mut world);
        next_ping(&mut world);
        beats += 1;
    }
    assert_eq!(beats, 86_400 / 25);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn any_frame_counts_as_life() {
    let mut world = World::connected(config());
    for _ in 0..100 {
        world.advance_s(9);
        world.receive(&json!({ "type": "something-new" }));
    }
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn the_next_message_of_a_channel_counts_as_life_although_nobody_looks_at_the_clock() {
    let (mut world, _) = World::subscribed(config(), "r");
    for offset in 1..100 {
        world.advance_s(9);
        world.deliver("r", offset, offset);
    }
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn the_latency_of_a_beat_is_measured_and_told() {
    let mut world = World::connected(config());
    next_ping(&mut world);
    world.advance_ms(42);
    pong(&mut world);
    assert_eq!(world.take().events_of("latency"), [json!({ "event": "latency", "ms": 42 })]);
    assert_eq!(world.client.stats().latency().expect("one").p95, Duration::from_millis(42));
    assert_eq!(world.client.stats().quality(world.now()), tautline::Quality::Excellent);
}

#[test]
fn a_server_that_pings_is_answered_at_once() {
    let mut world = World::connected(config());
    world.receive(&json!({ "type": "ping" }));
    assert_eq!(world.sent(), [r#"{"type":"pong"}"#]);
}

#[test]
fn a_reason_to_doubt_probes_with_a_short_deadline() {
    for doubt in [
        |world: &mut World| world.network(NetworkEvent::Offline),
        |world: &mut World| world.network(NetworkEvent::Online),
        |world: &mut World| world.page(PageEvent::Visible),
    ] {
        let mut world = World::connected(config());
        doubt(&mut world);
        assert_eq!(world.sent(), [PING]);
        world.advance_ms(3999);
        doubt(&mut world);
        assert_eq!(world.state(), PublicState::Connected);
        world.advance_ms(1);
        assert_eq!(world.client.cause(), Some(tautline::Code::LostHeartbeat), "a second doubt grants no more time");
    }
}

#[test]
fn offline_does_not_drop_a_line_that_works() {
    let mut world = World::connected(config());
    world.network(NetworkEvent::Offline);
    pong(&mut world);
    world.advance_s(4);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn a_machine_that_slept_probes_at_once_and_does_not_trust_a_dead_line() {
    let mut world = World::connected(config());
    next_ping(&mut world);
    pong(&mut world);
    world.take();
    world.sleep(Duration::from_secs(8 * 3600));
    assert_eq!(world.sent(), [PING]);
    assert_eq!(world.state(), PublicState::Connected);
    world.advance_s(4);
    assert_eq!(world.state(), PublicState::Reconnecting);
}

#[test]
fn a_machine_that_slept_with_a_beat_open_does_not_kill_a_good_line() {
    let mut world = World::connected(config());
    next_ping(&mut world);
    world.sleep(Duration::from_secs(3600));
    assert_eq!(world.sent(), [PING]);
    pong(&mut world);
    world.advance_s(5);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn a_throttled_tab_keeps_a_good_line_for_an_hour() {
    let mut world = World::connected(config());
    for _ in 0..60 {
        world.sleep(Duration::from_secs(60));
        if world.sent().contains(&PING.to_owned()) {
            world.advance_ms(50);
            pong(&mut world);
        }
    }
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn the_application_may_choose_another_rhythm() {
    let heartbeat = HeartbeatConfig {
        interval: Some(Duration::from_secs(5)),
        timeout: Some(Duration::from_secs(1)),
        ..Config::default().heartbeat
    };
    let mut world = World::connected(Config { heartbeat, ..config() });
    next_ping(&mut world);
    pong(&mut world);
    let before = world.now();
    next_ping(&mut world);
    assert_eq!(world.now().since(before), Duration::from_secs(5));
    world.advance_s(1);
    assert_eq!(world.state(), PublicState::Reconnecting);
}

#[test]
fn a_server_that_wants_a_beat_each_millisecond_is_given_ten_a_second() {
    let mut world = World::new(config());
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    world.welcome(&json!({ "heartbeat": 1, "timeout": 60000 }));
    world.take();
    world.advance_s(10);
    assert!(world.sent().len() <= 101);
}

#[test]
fn a_beat_is_sent_even_when_the_rate_limit_is_used_up() {
    let mut world = World::connected(config());
    world.subscribe("r");
    world.admit("r", "e", 0, 0, true);
    for _ in 0..2000 {
        let _ = world.publish_volatile("r", "1");
    }
    world.take();
    world.network(NetworkEvent::Offline);
    assert_eq!(world.sent(), [PING]);
}
