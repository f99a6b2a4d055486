//! Calls and inputs in any order: what means nothing now changes nothing.

use crate::support::{World, config};
use serde_json::json;
use tautline::Duration;
use tautline::{ChannelId, Code, Message, NetworkEvent, PageEvent, PublicState};

#[test]
fn verbs_before_connect_wait_or_say_why_not() {
    let mut world = World::new(config());
    let channel = world.subscribe("r");
    world.typing(channel, true);
    world.track(channel, "1");
    world.untrack(channel);
    world.unsubscribe(channel);
    world.close();
    world.retry();
    world.refresh();
    world.timeout();
    assert_eq!(world.take().0, []);
    assert_eq!(world.publish_volatile("r", "1"), Err(Code::DroppedNotConnected));
    assert_eq!(world.publish("r", "1"), Ok(1));
    assert_eq!(world.state(), PublicState::Idle);
}

#[test]
fn connecting_twice_is_connecting_once() {
    let mut world = World::new(config());
    world.connect();
    world.connect();
    assert_eq!(world.take().resolves().len(), 1);
    world.let_in();
    world.take();
    world.connect();
    assert_eq!(world.take().0, []);
}

#[test]
fn a_message_without_a_channel_or_for_a_stranger_is_misuse() {
    let mut world = World::connected(config());
    let message = Message { channel: None, ..world.message("r", "1") };
    assert_eq!(world.publish_message(message), Err(Code::ChannelRequired));
    let message = Message { channel: ChannelId::new(99), ..world.message("r", "1") };
    assert_eq!(world.publish_message(message), Err(Code::InvalidArgument));
    assert_eq!(ChannelId::new(0), None);
}

#[test]
fn a_stranger_among_the_channels_harms_nobody() {
    let mut world = World::connected(config());
    let stranger = ChannelId::new(99).expect("not 0");
    world.client.subscribe(world.now(), stranger, true);
    world.unsubscribe(stranger);
    world.typing(stranger, true);
    world.track(stranger, "1");
    world.untrack(stranger);
    assert!(world.client.position(stranger).is_none());
    assert_eq!(world.take().0, []);
}

#[test]
fn waking_early_or_twice_is_harmless() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    world.take();
    for _ in 0..100 {
        world.timeout();
    }
    assert_eq!(world.take().0, []);
}

#[test]
fn a_clock_that_goes_back_neither_kills_the_line_nor_stops_it() {
    let (mut world, _) = World::subscribed(config(), "r");
    for _ in 0..40 {
        world.advance_s(8);
        world.now_is_earlier(Duration::from_secs(6));
        world.receive(&json!({ "type": "pong" }));
        world.deliver("r", 1, 1);
    }
    assert_eq!(world.state(), PublicState::Connected);
    world.now_is_earlier(Duration::from_secs(10_000));
    world.publish("r", "1").expect("room");
    world.network(NetworkEvent::Offline);
    world.page(PageEvent::Visible);
    world.timeout();
    world.advance_s(10_000);
    assert_ne!(world.client.stats().losses.len(), 0, "and a dead peer is still found");
}

#[test]
fn a_wish_during_a_clock_that_went_back_has_its_whole_patience() {
    let mut world = World::connected(config());
    world.advance_s(5);
    world.now_is_earlier(Duration::from_secs(5));
    world.subscribe("r");
    let due = world.client.poll_timeout().expect("one");
    world.now_is_later(Duration::from_secs(5));
    assert!(due.0.since(world.now()) >= Duration::from_secs(1) || due.1 != tautline::Timer::RetrySubscribe);
}

#[test]
fn the_same_seed_and_inputs_give_the_same_outputs() {
    let run = || {
        let (mut world, _) = World::subscribed(config(), "r");
        for offset in 1..20 {
            world.publish("r", "1").expect("room");
            world.deliver("r", offset, offset);
            world.advance_s(7);
            if world.state() != PublicState::Connected {
                world.await_attempt();
                world.let_in();
            }
        }
        world.take()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_listener_that_calls_back_while_outputs_wait_keeps_their_order() {
    let (mut world, _) = World::subscribed(config(), "r");
    let message = world.message("r", "1");
    world.client.close(world.now());
    let first = world.client.poll_output();
    assert!(first.is_some());
    world.client.connect(world.now());
    assert!(world.client.publish(world.now(), message).is_ok());
    while world.client.poll_output().is_some() {}
    assert_eq!(world.state(), PublicState::Connecting);
}
