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
    let opened = Out::Open { socket: world.socket, url: "ws://x/".into(), subprotocols: vec!["tautline.v1"] };
    assert_eq!(world.take().0, [opened]);
    world.opened();
    assert_eq!(world.sent(), [r#"{"type":"hello","session":"session-0123456789","token":"secret"}"#]);
    world.welcome(&json!({}));
    assert_eq!(world.state(), PublicState::Connected);
    let events = world.events();
    assert_eq!(events[0], json!({ "event": "state", "state": "connected", "cause": null, "retry": null }));
    assert_eq!(events[1], json!({ "event": "welcomed", "resumed": false }));
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
