//! How a connection ends, and what each close code leads to (docs/PROTOCOL.md, section 6).

use crate::support::{World, config};
use serde_json::json;
use tautline::{Code, PublicState, TokenWhy};

#[test]
fn each_close_code_leads_where_the_protocol_says() {
    let retried = [
        (Some(1000), Code::LostClosed),
        (Some(1001), Code::LostClosed),
        (None, Code::LostNetwork),
        (Some(1006), Code::LostNetwork),
        (Some(1011), Code::LostServerBusy),
        (Some(1012), Code::LostServerBusy),
        (Some(1013), Code::LostServerBusy),
        (Some(1009), Code::LostClosed),
        (Some(4408), Code::LateHandshake),
        (Some(4409), Code::LostClosed),
        (Some(4999), Code::LostNetwork),
    ];
    for (code, cause) in retried {
        let mut world = World::connected(config());
        world.closed(code);
        assert_eq!((world.state(), world.client.cause()), (PublicState::Reconnecting, Some(cause)), "{code:?}");
        let wait = world.client.retry_in(world.now()).expect("a wait");
        assert!(wait.as_millis() <= 500, "{code:?}");
        world.await_attempt();
    }
}

#[test]
fn codes_that_ask_for_patience_get_a_long_wait() {
    for (code, cause) in [(4400, Code::PeerProtocol), (4429, Code::LostServerBusy)] {
        let mut world = World::connected(config());
        world.closed(Some(code));
        assert_eq!(world.client.cause(), Some(cause));
        assert!(world.client.retry_in(world.now()).expect("a wait").as_secs() >= 60, "{code}");
    }
}

#[test]
fn three_violations_in_a_row_fail() {
    let mut world = World::connected(config());
    for _ in 0..2 {
        world.closed(Some(4400));
        assert_eq!(world.state(), PublicState::Reconnecting);
        world.await_attempt();
        world.let_in();
    }
    world.closed(Some(4400));
    assert_eq!((world.state(), world.client.cause()), (PublicState::Failed, Some(Code::PeerProtocol)));
}

#[test]
fn a_stable_connection_forgives_earlier_violations() {
    let mut world = World::connected(config());
    for _ in 0..5 {
        world.advance_s(5);
        world.closed(Some(4400));
        world.await_attempt();
        world.let_in();
    }
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn an_expelled_client_comes_back_with_another_token_at_once() {
    let mut world = World::connected(config());
    world.closed(Some(4401));
    assert_eq!(world.take().resolves(), [TokenWhy::Refused]);
}

#[test]
fn an_unwanted_client_fails() {
    let mut world = World::connected(config());
    world.closed(Some(4403));
    assert_eq!((world.state(), world.client.cause()), (PublicState::Failed, Some(Code::RefusedForbidden)));
    assert_eq!(world.client.poll_timeout(), None);
}

#[test]
fn a_frame_found_too_large_rejects_the_largest_and_the_rest_goes_again() {
    let (mut world, _) = World::subscribed(config(), "r");
    for payload in ["1", r#""large""#, "2"] {
        world.publish("r", payload).expect("room");
    }
    world.take();
    world.closed(Some(1009));
    let failed = world.take().events_of("failed");
    let expected = json!({ "event": "failed", "id": 2, "code": "refused/too-large", "attempted": true,
        "limit": 65536, "size": 7 });
    assert_eq!(failed, [expected]);
    world.await_attempt();
    world.let_in();
    let ids: Vec<_> = world.take().sent_of("publish").iter().map(|frame| frame["id"].clone()).collect();
    assert_eq!(ids, [1, 3]);
}

#[test]
fn close_says_1000_and_still_hears_the_last_answers() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    world.publish("r", "2").expect("room");
    world.take();
    world.close();
    let log = world.take();
    assert_eq!((log.closes(), world.state()), (vec![(1000, true)], PublicState::Closed));
    world.ack(1, 1);
    assert_eq!(world.take().events_of("acked").len(), 1);
    world.deliver("r", 2, 9);
    assert_eq!(world.events(), [] as [serde_json::Value; 0], "the application is through with messages");
    world.closed(Some(1000));
    assert_eq!(world.take().events_of("requeued"), [json!({ "event": "requeued", "id": 2 })]);
    assert_eq!(world.client.queue().0, 1, "the queue stays for the next connection");
}

#[test]
fn a_server_that_never_answers_a_close_is_forgotten() {
    let mut world = World::connected(config());
    world.close();
    world.advance_s(2);
    assert_eq!(world.client.poll_timeout(), None);
}

#[test]
fn connect_during_a_close_opens_another_socket() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    world.close();
    world.connect();
    world.take();
    world.let_in();
    assert_eq!(world.state(), PublicState::Connected);
    assert_eq!(world.take().sent_of("publish").len(), 1, "what was not settled goes again");
}

#[test]
fn close_in_any_state_is_closed_and_quiet() {
    type Steps = fn(&mut World);
    let states: [Steps; 5] = [
        |_| {},
        |world| world.resolve(Some("ws://x/"), None),
        |world| {
            world.resolve(Some("ws://x/"), None);
            world.opened();
        },
        |world| world.let_in(),
        |world| {
            world.resolve(Some("ws://x/"), None);
            world.closed(None);
        },
    ];
    for steps in states {
        let mut world = World::new(config());
        world.connect();
        steps(&mut world);
        world.close();
        world.close();
        assert_eq!((world.state(), world.client.cause()), (PublicState::Closed, None));
        world.advance_s(600);
        assert_eq!(world.client.poll_timeout(), None);
        assert_eq!(world.state(), PublicState::Closed);
    }
}

#[test]
fn after_a_close_the_first_attempt_counts_as_connecting() {
    let mut world = World::connected(config());
    world.close();
    world.advance_s(2);
    world.connect();
    assert_eq!(world.state(), PublicState::Connecting);
}

#[test]
fn destroy_settles_everything_and_refuses_everything_after() {
    let (mut world, channel) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    world.request("1", 1000).expect("room");
    world.closed(None);
    world.publish("r", "2").expect("room");
    world.request("2", 1000).expect("room");
    world.destroy();
    world.assert_settled();
    assert_eq!(world.state(), PublicState::Closed);
    assert_eq!(world.publish("r", "3"), Err(Code::Destroyed));
    assert_eq!(world.publish_volatile("r", "3"), Err(Code::Destroyed));
    assert_eq!(world.request("3", 1), Err(Code::Destroyed));
    world.take();
    world.connect();
    world.typing(channel, true);
    world.destroy();
    assert_eq!(world.take().0, []);
}

#[test]
fn answers_after_destroy_are_not_a_second_outcome() {
    let (mut world, _) = World::subscribed(config(), "r");
    let id = world.publish("r", "1").expect("room");
    world.destroy();
    world.ack(id, 1);
    world.refuse(&json!({ "code": "forbidden", "id": id }));
    world.closed(Some(1009));
    world.assert_settled();
}
