//! Messages that are to arrive: kept, in order, once, each with exactly one outcome.

use crate::support::{World, config};
use serde_json::{Value, json};
use tautline::Duration;
use tautline::host::Payload;
use tautline::{Code, Config, Message, Overflow, QueueConfig};

fn published(world: &mut World) -> Vec<u64> {
    world.take().sent_of("publish").iter().map(|frame| frame["id"].as_u64().expect("an id")).collect()
}

fn bounded(max: usize, max_bytes: usize, overflow: Overflow) -> Config {
    Config { queue: QueueConfig { max, max_bytes, overflow, always: true }, ..config() }
}

#[test]
fn a_message_is_sent_at_once_and_acked_once() {
    let (mut world, _) = World::subscribed(config(), "r");
    let id = world.publish("r", r#"{"a":1}"#).expect("room");
    assert_eq!(world.sent(), [r#"{"type":"publish","id":1,"channel":"r","event":"m","payload":{"a":1}}"#]);
    world.ack(id, 9);
    world.ack(id, 9);
    assert_eq!(world.events(), [json!({ "event": "acked", "id": 1, "offset": 9, "time": 1.0 })]);
    assert_eq!(world.client.queue(), (0, 0));
    world.assert_settled();
}

#[test]
fn a_message_that_went_the_short_way_goes_again_after_a_lost_link_as_it_was() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", r#"{"a":1}"#).expect("room");
    assert_eq!(world.client.host().kept.len(), 1, "the host keeps what it says");
    let first = world.take().sent();
    world.closed(None);
    world.publish("r", "2").expect("room");
    assert_eq!(world.client.host().kept.len(), 1, "without a link there is no short way");
    world.await_attempt();
    world.let_in();
    let again: Vec<_> = world.take().sent().into_iter().filter(|frame| frame.contains("publish")).collect();
    assert_eq!(again, [&first[0], r#"{"type":"publish","id":2,"channel":"r","event":"m","payload":2}"#]);
}

#[test]
fn what_was_queued_offline_goes_out_in_order_once_there_is_a_line() {
    let mut world = World::new(config());
    for _ in 0..5 {
        world.publish("r", "1").expect("room");
    }
    assert_eq!(world.client.queue(), (5, 5));
    world.connect();
    world.let_in();
    assert_eq!(published(&mut world), [1, 2, 3, 4, 5]);
}

#[test]
fn after_a_reconnect_the_unsettled_go_again_lowest_first_and_before_new_ones() {
    let (mut world, _) = World::subscribed(config(), "r");
    for _ in 0..4 {
        world.publish("r", "1").expect("room");
    }
    world.ack(2, 1);
    world.take();
    world.closed(None);
    let requeued: Vec<_> = world.take().events_of("requeued").iter().map(|event| event["id"].clone()).collect();
    assert_eq!(requeued, [1, 3, 4]);
    world.publish("r", "1").expect("room");
    world.await_attempt();
    world.let_in();
    assert_eq!(published(&mut world), [1, 3, 4, 5]);
}

#[test]
fn not_more_than_the_window_is_in_flight() {
    let mut world = World::new(config());
    for _ in 0..300 {
        world.publish("r", "1").expect("room");
    }
    world.connect();
    world.let_in();
    assert_eq!(published(&mut world), (1..=256).collect::<Vec<_>>());
    world.ack(1, 1);
    world.ack(2, 2);
    assert_eq!(published(&mut world), [257, 258]);
}

#[test]
fn a_full_queue_rejects_the_new_message_by_count_and_by_bytes() {
    for config in [bounded(2, 100, Overflow::Reject), bounded(10, 2, Overflow::Reject)] {
        let mut world = World::new(config);
        assert_eq!(world.publish("r", "1"), Ok(1));
        assert_eq!(world.publish("r", "1"), Ok(2));
        assert_eq!(world.publish("r", "1"), Err(Code::DroppedOverflow));
        assert_eq!(world.client.queue(), (2, 2));
    }
}

#[test]
fn a_full_queue_may_drop_the_oldest_instead_and_says_so() {
    let mut world = World::new(bounded(10, 4, Overflow::DropOldest));
    for _ in 0..4 {
        world.publish("r", "1").expect("room");
    }
    world.publish("r", "333").expect("room");
    let dropped: Vec<_> = world.take().events_of("failed").iter().map(|event| event["id"].clone()).collect();
    assert_eq!(dropped, [1, 2, 3]);
    assert_eq!(world.client.queue(), (2, 4));
}

#[test]
fn a_message_in_flight_is_never_dropped_for_a_new_one() {
    let mut world = World::connected(bounded(2, 100, Overflow::DropOldest));
    world.publish("r", "1").expect("room");
    world.publish("r", "1").expect("room");
    assert_eq!(world.publish("r", "1"), Err(Code::DroppedOverflow));
    assert_eq!(world.take().events_of("failed"), [] as [Value; 0]);
}

#[test]
fn a_message_larger_than_the_whole_queue_drops_nobody() {
    let mut world = World::new(bounded(10, 4, Overflow::DropOldest));
    world.publish("r", "1").expect("room");
    assert_eq!(world.publish("r", "55555"), Err(Code::DroppedTooLarge));
    assert_eq!(world.client.queue(), (1, 1));
}

#[test]
fn a_message_that_outlives_its_time_in_the_queue_is_not_sent() {
    let mut world = World::new(config());
    world.publish_ttl("r", "1", 1000);
    world.publish("r", "1").expect("room");
    world.advance_ms(1000);
    let expired = json!({ "event": "failed", "id": 1, "code": "dropped/expired", "attempted": false });
    assert_eq!(world.events(), [expired]);
    world.connect();
    world.let_in();
    assert_eq!(published(&mut world), [2]);
}

#[test]
fn a_message_that_expired_while_the_machine_slept_is_not_sent_by_an_early_frame() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.closed(None);
    world.publish_ttl("r", "1", 1000);
    world.await_attempt();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    world.take();
    // The frame is handled before any timer: the first thing a woken page may do.
    world.now_is_later(Duration::from_secs(60));
    world.welcome(&json!({}));
    let log = world.take();
    assert_eq!(log.sent_of("publish"), [] as [Value; 0]);
    assert_eq!(log.events_of("failed")[0]["code"], "dropped/expired");
}

#[test]
fn a_message_in_flight_does_not_expire_but_a_requeued_one_does() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish_ttl("r", "1", 5000);
    world.take();
    world.advance_ms(6000);
    assert_eq!(world.take().events_of("failed"), [] as [Value; 0], "its outcome is on the way");
    world.closed(None);
    world.advance_ms(0);
    let expired = json!({ "event": "failed", "id": 1, "code": "dropped/expired", "attempted": true });
    assert_eq!(world.take().events_of("failed"), [expired]);
}

#[test]
fn a_queued_message_can_be_taken_back_but_not_one_in_flight() {
    let (mut world, _) = World::subscribed(config(), "r");
    let sent = world.publish("r", "1").expect("room");
    assert!(!world.cancel(sent));
    world.closed(None);
    assert!(world.cancel(sent), "it is in the queue again");
    assert!(!world.cancel(sent));
    let cancelled = json!({ "event": "failed", "id": 1, "code": "dropped/cancelled", "attempted": true });
    assert_eq!(world.take().events_of("failed"), [cancelled]);
    assert!(!world.cancel(99));
}

#[test]
fn a_held_back_publish_takes_everything_after_it_back_and_never_reorders() {
    let (mut world, _) = World::subscribed(config(), "r");
    for _ in 0..4 {
        world.publish("r", "1").expect("room");
    }
    world.take();
    world.ack(1, 1);
    for (id, retry) in [(2, 1000), (3, 990), (4, 980)] {
        world.refuse(&json!({ "code": "rate-limited", "id": id, "retry": retry }));
    }
    let requeued: Vec<_> = world.take().events_of("requeued").iter().map(|event| event["id"].clone()).collect();
    assert_eq!(requeued, [2, 3, 4], "once each");
    world.publish("r", "1").expect("room");
    world.advance_ms(979);
    assert_eq!(published(&mut world), [] as [u64; 0]);
    world.advance_ms(21);
    assert_eq!(published(&mut world), [2, 3, 4, 5]);
}

#[test]
fn an_ack_for_what_was_held_back_still_settles_it() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    world.refuse(&json!({ "code": "unavailable", "id": 1, "retry": 1000 }));
    world.ack(1, 1);
    world.assert_settled();
    world.take();
    world.advance_s(2);
    assert_eq!(published(&mut world), [] as [u64; 0]);
}

#[test]
fn an_ack_for_a_message_that_was_never_sent_is_not_believed() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    world.refuse(&json!({ "code": "unavailable", "id": 1, "retry": 1000 }));
    world.publish("r", "2").expect("room");
    world.take();
    world.ack(2, 1);
    assert_eq!(world.take().events_of("acked"), [] as [Value; 0]);
    world.advance_s(1);
    assert_eq!(published(&mut world), [1, 2]);
}

#[test]
fn a_refused_message_fails_and_the_queue_goes_on() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    world.publish("r", "2").expect("room");
    world.take();
    world.refuse(&json!({ "code": "forbidden", "id": 1 }));
    world.ack(2, 1);
    let events = world.events();
    assert_eq!(events[0], json!({ "event": "failed", "id": 1, "code": "refused/forbidden", "attempted": true }));
    assert_eq!(events[1]["event"], "acked");
}

#[test]
fn a_message_over_the_servers_limit_fails_with_both_sizes_and_the_queue_goes_on() {
    let mut world = World::new(config());
    let large = format!("\"{}\"", "x".repeat(1000));
    world.publish("r", &large).expect("room");
    world.publish("r", "1").expect("room");
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    world.welcome(&json!({ "limits": { "frame": 1000, "rate": 100, "per": 1000 } }));
    let log = world.take();
    let failed = json!({ "event": "failed", "id": 1, "code": "dropped/too-large", "attempted": false,
        "limit": 1000, "size": 1002 });
    assert_eq!(log.events_of("failed"), [failed]);
    assert_eq!(log.sent_of("publish").len(), 1);
}

#[test]
fn an_unacknowledged_message_ends_the_link_and_goes_again() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    for _ in 0..19 {
        world.advance_s(1);
        world.receive(&json!({ "type": "pong" }));
    }
    assert_eq!(world.client.cause(), None);
    world.advance_s(1);
    assert_eq!(world.client.cause(), Some(Code::LateAck));
    world.take();
    world.await_attempt();
    world.let_in();
    assert_eq!(published(&mut world), [1]);
}

#[test]
fn a_server_that_answers_one_message_after_the_other_is_not_left_for_those_that_wait() {
    let (mut world, _) = World::subscribed(config(), "r");
    let talk = |world: &mut World, seconds: u32| {
        for _ in 0..seconds {
            world.advance_s(1);
            world.receive(&json!({ "type": "pong" }));
        }
    };
    world.publish("r", "1").expect("room");
    talk(&mut world, 10);
    world.publish("r", "2").expect("room");
    talk(&mut world, 9);
    world.ack(1, 1);
    talk(&mut world, 19);
    assert_eq!(world.client.cause(), None);
    talk(&mut world, 1);
    assert_eq!(world.client.cause(), Some(Code::LateAck));
}

#[test]
fn an_ack_that_waits_behind_a_sleep_does_not_end_the_link() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    world.sleep(Duration::from_secs(3600));
    world.ack(1, 1);
    world.advance_s(5);
    assert_eq!(world.client.cause(), None);
    world.assert_settled();
}

#[test]
fn bytes_go_as_a_binary_frame() {
    let (mut world, _) = World::subscribed(config(), "r");
    let message = Message { payload: Payload::Binary(vec![0, 255]), size: 2, ..world.message("r", "") };
    world.publish_message(message).expect("room");
    let header = br#"{"type":"publish","id":1,"channel":"r","event":"m"}"#;
    let expected = [&[1, 0, header.len() as u8], &header[..], &[0, 255]].concat();
    assert_eq!(world.take().sent_bytes(), [expected]);
}

#[test]
fn a_message_without_a_payload_says_null() {
    let (mut world, _) = World::subscribed(config(), "r");
    let message = Message { payload: Payload::Empty, size: 0, ..world.message("r", "") };
    world.publish_message(message).expect("room");
    assert!(world.sent()[0].ends_with(r#""payload":null}"#));
}

#[test]
fn a_volatile_message_is_sent_now_or_never() {
    let (mut world, _) = World::subscribed(config(), "r");
    assert_eq!(world.publish_volatile("r", "1"), Ok(1));
    let log = world.take();
    assert_eq!(log.sent(), [r#"{"type":"signal","channel":"r","event":"m","payload":1}"#]);
    assert_eq!(log.events(), [json!({ "event": "sent", "id": 1, "settled": true })]);
    world.closed(None);
    world.take();
    assert_eq!(world.publish_volatile("r", "1"), Err(Code::DroppedNotConnected));
    world.await_attempt();
    world.let_in();
    assert_eq!(world.take().sent_of("signal"), [] as [Value; 0]);
}

#[test]
fn a_failed_connection_keeps_the_queue_for_the_next_connect() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    world.closed(Some(4403));
    world.take();
    world.connect();
    world.let_in();
    assert_eq!(published(&mut world), [1]);
}

fn kept(world: &mut World, id: u64) -> bool {
    let message = world.message("r", "1");
    world.client.restore(world.now(), id, message)
}

#[test]
fn an_outbox_that_outlived_its_page_goes_on_under_its_old_session_and_ids() {
    let mut world = World::new(config());
    assert!(world.client.adopt(&"an-earlier-life-0".to_owned(), 9));
    assert!(kept(&mut world, 5) && kept(&mut world, 7));
    assert!(!kept(&mut world, 6), "ids rise");
    assert!(!kept(&mut world, 10), "none is above the last one used");
    assert_eq!(world.publish("r", "1"), Ok(10));
    world.connect();
    world.let_in();
    let sent = world.take();
    assert_eq!(sent.sent_of("hello")[0]["session"], "an-earlier-life-0");
    let ids: Vec<_> = sent.sent_of("publish").iter().map(|frame| frame["id"].clone()).collect();
    assert_eq!(ids, [5, 7, 10]);
}

#[test]
fn a_client_that_has_lived_takes_over_no_other_life() {
    let mut world = World::new(config());
    world.publish("r", "1").expect("room");
    assert!(!world.client.adopt(&"an-earlier-life-0".to_owned(), 9));
}

#[test]
fn a_message_is_called_sent_only_after_it_went_out() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    let log = world.take().0;
    assert!(matches!(log[0], crate::support::Out::Sent { .. }) && matches!(log[1], crate::support::Out::Event(_)));
}
