//! No protocol at all: what a plain socket can promise, and what it cannot.

use crate::support::{Out, World};
use serde_json::json;
use tautline::host::Payload;
use tautline::protocol::raw::Raw;
use tautline::{BackoffConfig, Code, Config, Duration, PublicState};

fn world() -> World {
    World::bare(Config::default(), Raw::default())
}

fn beating() -> Raw<crate::support::NativeHost> {
    let beat = Some((Duration::from_secs(10), Duration::from_secs(5)));
    Raw { ping: Payload::Text("ping".into()), pong: Some("pong".into()), beat, silence: None }
}

#[test]
fn an_open_socket_is_a_connection_with_no_word_said() {
    let mut world = World::speaking(Config::default(), Box::new(Raw::default()));
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    assert_eq!(world.state(), PublicState::Connected);
    assert_eq!(world.sent(), [] as [String; 0]);
}

#[test]
fn frames_pass_as_they_are_whatever_is_in_them() {
    let mut world = world();
    for text in ["hello", "", "{broken", "42", "null"] {
        world.send_bare(text).unwrap();
    }
    assert_eq!(world.sent(), ["hello", "", "{broken", "42", "null"]);
    world.receive_text("{broken");
    world.receive_text("");
    world.receive_bytes(&[1, 2]);
    let heard: Vec<_> = world.events().into_iter().map(|event| event["payload"].clone()).collect();
    assert_eq!(heard, [json!("{broken"), json!(""), json!({ "$bytes": "0102" })]);
}

#[test]
fn a_message_is_settled_when_it_is_handed_to_the_socket_and_no_earlier() {
    let mut world = world();
    world.closed(None);
    let id = world.send_bare("while down").unwrap();
    assert_eq!(world.unsettled(), [id]);
    assert_eq!(world.take().events_of("sent"), [] as [serde_json::Value; 0]);
    world.await_attempt();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    let log = world.take();
    assert_eq!(log.sent(), ["while down"]);
    assert_eq!(log.events_of("sent"), [json!({ "event": "sent", "id": id, "settled": true })]);
    world.assert_settled();
    assert_eq!(world.client.queue(), (0, 0));
}

#[test]
fn what_waits_survives_lost_connections_in_order_and_what_was_handed_over_does_not_go_again() {
    let mut world = world();
    world.send_bare("gone").unwrap();
    world.buffered(1 << 20);
    for text in ["one", "two"] {
        world.send_bare(text).unwrap();
    }
    for _ in 0..3 {
        world.take();
        world.closed(None);
        world.await_attempt();
        world.resolve(Some("ws://x/"), None);
    }
    world.opened();
    assert_eq!(world.sent(), ["one", "two"]);
    world.assert_settled();
}

#[test]
fn an_unsettled_message_can_be_taken_back_and_a_settled_one_cannot() {
    let mut world = world();
    let sent = world.send_bare("sent").unwrap();
    assert!(!world.cancel(sent));
    world.closed(None);
    let waiting = world.send_bare("waiting").unwrap();
    assert!(world.cancel(waiting));
}

#[test]
fn without_a_heartbeat_silence_proves_nothing() {
    let mut world = world();
    world.advance_s(24 * 3600);
    assert_eq!(world.state(), PublicState::Connected);
    assert_eq!(world.sent(), [] as [String; 0]);
}

#[test]
fn an_agreed_ping_is_sent_its_pong_is_no_message_and_its_absence_is_death() {
    let mut world = World::bare(Config::default(), beating());
    world.advance_s(10);
    assert_eq!(world.take().sent(), ["ping"]);
    world.receive_text("pong");
    let log = world.take();
    assert_eq!(log.events_of("signal"), [] as [serde_json::Value; 0]);
    assert_eq!(log.events_of("latency").len(), 1);
    world.advance_s(16);
    assert_eq!(world.client.cause(), Some(Code::LostHeartbeat));
}

#[test]
fn any_frame_answers_a_ping_without_an_agreed_pong_and_is_a_message() {
    let mut world = World::bare(Config::default(), Raw { pong: None, ..beating() });
    world.advance_s(10);
    world.receive_text("pong");
    assert_eq!(world.take().events_of("signal").len(), 1);
    world.advance_s(4);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn a_server_that_promised_to_speak_and_is_silent_is_dead() {
    let silence = Some(Duration::from_secs(30));
    let mut world = World::bare(Config::default(), Raw { silence, ..Raw::default() });
    world.advance_s(29);
    world.receive_text("tick");
    world.advance_s(29);
    assert_eq!(world.state(), PublicState::Connected);
    world.advance_s(2);
    assert_eq!(world.client.cause(), Some(Code::LostHeartbeat));
}

#[test]
fn every_close_of_the_server_is_followed_by_another_attempt() {
    for code in [None, Some(1000), Some(1001), Some(1009), Some(1011), Some(1013), Some(4000), Some(4999)] {
        let mut world = world();
        world.closed(code);
        assert_eq!(world.state(), PublicState::Reconnecting, "{code:?}");
    }
}

#[test]
fn what_a_bare_socket_cannot_say_is_refused() {
    let mut world = world();
    world.request("1", 1000).unwrap();
    assert_eq!(world.take().events_of("request-failed")[0]["code"], "misuse/unsupported");
    world.subscribe("room");
    assert_eq!(world.take().events_of("channel-refused")[0]["code"], "misuse/unsupported");
}

fn farewell(world: &mut World) -> Option<(u16, Option<String>)> {
    world.take().0.into_iter().find_map(|out| match out {
        Out::Close { code, reason, .. } => Some((code, reason)),
        _ => None,
    })
}

#[test]
fn the_applications_subprotocols_are_offered_anew_with_each_attempt() {
    let mut world = World::speaking(Config::default(), Box::new(Raw::default()));
    world.connect();
    let offered = |world: &mut World| {
        world.take().0.into_iter().find_map(|out| match out {
            Out::Open { subprotocols, .. } => Some(subprotocols),
            _ => None,
        })
    };
    world.resolve_offering(&["chat.v2", "chat.v1"]);
    assert_eq!(offered(&mut world).unwrap(), ["chat.v2", "chat.v1"]);
    world.closed(None);
    world.await_attempt();
    world.resolve_offering(&["chat.v1"]);
    assert_eq!(offered(&mut world).unwrap(), ["chat.v1"]);
    world.closed(None);
    world.await_attempt();
    world.resolve(Some("ws://x/"), None);
    assert_eq!(offered(&mut world).unwrap(), [] as [String; 0]);
}

#[test]
fn a_close_says_the_applications_code_and_reason_and_ends_with_the_servers_answer() {
    let mut world = world();
    world.close_with(4001, "done here");
    assert_eq!(farewell(&mut world), Some((4001, Some("done here".to_owned()))));
    world.closed(Some(4001));
    assert_eq!(world.take().events_of("parted").len(), 1);
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    world.take();
    world.close();
    assert_eq!(farewell(&mut world), Some((1000, None)), "the next close has its own words");
}

#[test]
fn a_server_that_does_not_answer_a_close_is_not_waited_for_long() {
    let mut world = world();
    world.close();
    world.take();
    world.advance_s(2);
    assert_eq!(world.take().events_of("parted").len(), 1);
}

#[test]
fn what_waits_behind_a_full_buffer_goes_out_before_a_close() {
    for replace in [false, true] {
        let mut world = world();
        world.buffered(1 << 20);
        for _ in 0..3 {
            let payload = Payload::Text("x".to_owned());
            let message = tautline::Message { channel: None, event: String::new(), payload, size: 1 << 20, ttl: None };
            world.publish_message(message).unwrap();
        }
        assert_eq!(world.take().sent(), [] as [String; 0]);
        if replace {
            world.replace(1000, "");
        } else {
            world.close();
        }
        let log = world.take();
        assert_eq!(log.sent().len(), 3);
        let last_sent = log.0.iter().rposition(|out| matches!(out, Out::Sent { .. }));
        assert!(last_sent < log.0.iter().position(|out| matches!(out, Out::Close { .. })), "before the close");
        world.assert_settled();
    }
}

#[test]
fn what_waits_without_a_connection_waits_on_over_a_close() {
    let mut world = world();
    world.closed(None);
    world.send_bare("later").unwrap();
    world.close();
    assert_eq!(world.client.queue().0, 1);
    world.take();
    world.replace(1000, "");
    world.resolve(Some("ws://x/"), None);
    world.opened();
    assert_eq!(world.sent(), ["later"]);
}

#[test]
fn a_reconnect_replaces_whatever_there_is_with_an_attempt_at_once() {
    let states: [fn(&mut World); 6] = [
        |_| {},
        |world| world.closed(None),
        |world| {
            world.closed(None);
            world.await_attempt();
        },
        |world| {
            world.closed(None);
            world.await_attempt();
            world.resolve(Some("ws://x/"), None);
        },
        World::close,
        |world| {
            world.close();
            world.closed(None);
        },
    ];
    for (index, prepare) in states.into_iter().enumerate() {
        let mut world = world();
        prepare(&mut world);
        world.take();
        let (attempt, old) = (world.attempt, world.socket);
        world.replace(4002, "again");
        assert_ne!(world.attempt, attempt, "state {index}");
        world.resolve(Some("ws://x/"), None);
        world.opened();
        assert_eq!(world.state(), PublicState::Connected, "state {index}");
        world.socket_event(old, tautline::SocketEvent::Closed { code: None });
        assert_eq!(world.state(), PublicState::Connected, "state {index}: late words of the old socket");
        if index == 0 {
            assert_eq!(farewell(&mut world), Some((4002, Some("again".to_owned()))));
        }
    }
}

fn giving_up_after(most: u32) -> Config {
    Config { backoff: BackoffConfig { max_attempts: Some(most), ..Default::default() }, ..Config::default() }
}

#[test]
fn after_as_many_retries_as_agreed_it_gives_up_and_a_reconnect_tries_as_often_again() {
    let mut world = World::speaking(giving_up_after(2), Box::new(Raw::default()));
    world.connect();
    for _ in 0..2 {
        for retry in 0..3 {
            if retry > 0 {
                assert_eq!(world.state(), PublicState::Reconnecting);
                world.await_attempt();
            }
            world.resolve(Some("ws://x/"), None);
            world.closed(None);
        }
        assert_eq!((world.state(), world.client.cause()), (PublicState::Failed, Some(Code::LostNetwork)));
        assert_eq!(world.due_in(), None, "nothing is waited for");
        world.replace(1000, "");
    }
}

#[test]
fn no_retry_at_all_can_be_agreed_and_a_failing_provider_counts() {
    let mut world = World::speaking(giving_up_after(0), Box::new(Raw::default()));
    world.connect();
    world.resolve_fails();
    assert_eq!((world.state(), world.client.cause()), (PublicState::Failed, Some(Code::LostProvider)));
}

#[test]
fn a_connection_that_held_is_forgiven_its_retries_while_it_holds() {
    let mut world = world();
    world.closed(None);
    world.await_attempt();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    assert_eq!(world.client.attempt(world.now()), 1);
    world.advance_s(5);
    assert_eq!(world.client.attempt(world.now()), 0);
}

#[test]
fn an_open_socket_takes_what_it_is_given_and_a_queue_without_room_takes_nothing() {
    let mut config = Config::default();
    config.queue.max = 0;
    config.queue.always = false;
    let mut world = World::bare(config, Raw::default());
    world.buffered(1 << 20);
    world.send_bare("behind a full buffer").unwrap();
    world.buffered(0);
    assert_eq!(world.take().sent(), ["behind a full buffer"]);
    world.closed(None);
    assert_eq!(world.send_bare("while down"), Err(Code::DroppedOverflow));
}

#[test]
fn what_waits_can_be_taken_back_in_order() {
    let mut world = world();
    world.closed(None);
    for text in ["one", "two"] {
        world.send_bare(text).unwrap();
    }
    let payloads = world.client.cancel_queue(world.now());
    world.drain();
    let texts: Vec<_> = payloads
        .iter()
        .map(|payload| matches!(payload, Payload::Text(text) if text == "one" || text == "two"))
        .collect();
    assert_eq!(texts, [true, true]);
    world.assert_settled();
}
