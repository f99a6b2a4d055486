//! From `connect` to a welcomed connection, and every way to fall short of it.

use crate::support::{Out, World, config};
use serde_json::json;
use tautline::{Config, PublicState, SocketEvent, TokenWhy};

#[test]
fn a_first_connection_goes_from_idle_over_connecting_to_connected() {
    let mut world = World::new(config());
    assert_eq!(world.state(), PublicState::Idle);
    assert_eq!(world.client.poll_timeout(), None, "an idle client wants nothing");
    world.connect();
    assert_eq!(world.take().resolves(), [TokenWhy::Connect]);
    assert_eq!(world.state(), PublicState::Connecting);
    world.resolve(Some("ws://x/"), Some("secret"));
    let opened = Out::Open { socket: world.socket, url: "ws://x/".into(), subprotocols: vec!["tautline.v1".into()] };
    assert_eq!(world.take().0, [opened]);
    world.opened();
    assert_eq!(world.sent(), [r#"{"type":"hello","session":"session-0123456789","token":"secret"}"#]);
    world.welcome(&json!({}));
    assert_eq!(world.state(), PublicState::Connected);
    let events = world.events();
    assert_eq!(events[0], json!({ "event": "welcomed", "resumed": false }), "who we are is known first");
    assert_eq!(events[1], json!({ "event": "state", "state": "connected", "cause": null, "retry": null }));
}

#[test]
fn each_step_that_takes_too_long_ends_in_a_wait_with_its_own_cause() {
    type Steps = fn(&mut World);
    let cases: [(Steps, u64, &str); 3] = [
        (|_| {}, 15, "late/resolve"),
        (|world| world.resolve(Some("ws://x/"), None), 10, "late/open"),
        (
            |world| {
                world.resolve(Some("ws://x/"), None);
                world.opened();
            },
            10,
            "late/handshake",
        ),
    ];
    for (steps, seconds, cause) in cases {
        let mut world = World::new(config());
        world.connect();
        steps(&mut world);
        world.take();
        world.advance_ms(seconds * 1000 - 1);
        assert_eq!(world.events(), [] as [serde_json::Value; 0], "{cause}");
        world.advance_ms(1);
        let states = world.take().events_of("state");
        assert_eq!((states[0]["state"].as_str(), states[0]["cause"].as_str()), (Some("reconnecting"), Some(cause)));
    }
}

#[test]
fn late_events_of_an_old_socket_are_dropped() {
    let mut world = World::connected(Config::default());
    let old = world.socket;
    world.closed(None);
    world.await_attempt();
    world.let_in();
    world.take();
    let ack = crate::support::Data::Text(r#"{"type":"reconnect","after":1,"jitter":1}"#.into());
    world.receive_data(old, &ack);
    world.socket_event(old, SocketEvent::Opened);
    world.socket_event(old, SocketEvent::Closed { code: Some(4403) });
    assert_eq!(world.take().0, []);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn a_late_answer_of_an_earlier_attempt_does_not_bring_back_its_token() {
    let mut world = World::new(config());
    world.connect();
    let first = world.attempt;
    world.advance_s(15);
    world.await_attempt();
    world.resolve(Some("ws://new/"), Some("new"));
    world.take();
    world.resolve_attempt(first, Some("ws://old/"), Some("old"));
    assert_eq!(world.take().0, []);
    world.opened();
    assert!(world.sent()[0].contains(r#""token":"new""#));
}

#[test]
fn a_late_failure_of_an_earlier_attempt_is_not_reported() {
    let mut world = World::connected(config());
    world.resolve_fails();
    assert_eq!(world.take().0, []);
}

#[test]
fn an_open_event_that_comes_twice_says_hello_once() {
    let mut world = World::new(config());
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    world.opened();
    assert_eq!(world.sent().len(), 1);
    world.welcome(&json!({}));
    world.take();
    world.opened();
    assert_eq!(world.take().0, []);
}

#[test]
fn a_frame_before_the_open_event_changes_nothing() {
    let mut world = World::new(config());
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.take();
    world.receive(&json!({ "type": "ping" }));
    world.welcome(&json!({}));
    assert_eq!(world.take().0, []);
    world.opened();
    world.receive(&json!({ "type": "subscribed" }));
    assert_eq!(world.take().closes(), [(4002, false)], "that early welcome was none");
}

#[test]
fn a_function_that_gives_no_url_is_asked_again_after_a_wait() {
    let mut world = World::new(config());
    world.connect();
    world.resolve(None, Some("secret"));
    assert_eq!(world.take().events_of("state")[1]["cause"], "lost/provider");
    world.await_attempt();
    assert_eq!(world.take().resolves(), [TokenWhy::Connect]);
}

#[test]
fn a_function_that_throws_is_reported_and_asked_again() {
    let mut world = World::new(config());
    world.connect();
    world.take();
    world.resolve_fails();
    let log = world.take();
    assert_eq!(log.events()[0], json!({ "event": "problem", "code": "lost/provider" }));
    assert_eq!(log.events()[1]["state"], "reconnecting");
    world.await_attempt();
    world.let_in();
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn without_a_token_hello_carries_none() {
    let mut world = World::new(Config::default());
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.take();
    world.opened();
    assert_eq!(world.sent(), [r#"{"type":"hello","session":"session-0123456789"}"#]);
}

#[test]
fn a_token_with_quotes_and_control_characters_is_escaped() {
    let mut world = World::new(config());
    world.connect();
    world.resolve(Some("ws://x/"), Some("a\"b\\\n"));
    world.take();
    world.opened();
    assert_eq!(world.sent(), [r#"{"type":"hello","session":"session-0123456789","token":"a\"b\\\n"}"#]);
}

#[test]
fn an_abandoned_socket_is_not_waited_for() {
    let mut world = World::new(config());
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.take();
    world.advance_s(10);
    assert_eq!(world.take().closes(), [(4000, false)]);
    world.await_attempt();
    world.let_in();
    assert_eq!(world.state(), PublicState::Connected, "without any event of the old socket");
}
