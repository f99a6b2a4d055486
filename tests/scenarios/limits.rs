//! Rates, buffers and what is counted.

use crate::support::{World, config};
use serde_json::{Value, json};
use tautline::Duration;
use tautline::{Code, Config, Quality, Rate};

fn limited(rate: u64, per: u64) -> World {
    let mut world = World::new(config());
    world.subscribe("r");
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    world.welcome(&json!({ "limits": { "frame": 65536, "rate": rate, "per": per } }));
    world.admit("r", "e", 0, 0, true);
    world.take();
    world
}

fn frames(world: &mut World) -> usize {
    world.take().sent_of("publish").len()
}

#[test]
fn the_servers_rate_is_kept_with_room_to_spare_and_nothing_is_lost() {
    for (rate, per) in [(100, 10_000), (7, 1000), (90, 1000), (1, 1000), (0, 1000), (3, 7)] {
        let mut world = limited(rate, per);
        for _ in 0..200 {
            world.publish("r", "1").expect("room");
        }
        let (mut sent, mut acked) = (frames(&mut world), 0);
        assert!(sent as u64 <= rate.max(1), "{rate} per {per}: {sent} at once");
        for _ in 0..400 {
            world.advance_ms(per);
            world.receive(&json!({ "type": "pong" }));
            let more = frames(&mut world);
            assert!(more as u64 <= rate.max(1) + 1, "{rate} per {per}: {more} in one period");
            sent += more;
            for id in acked..sent {
                world.ack(id as u64 + 1, id as u64 + 1);
            }
            acked = sent;
        }
        assert_eq!(sent, 200, "{rate} per {per}");
    }
}

#[test]
fn the_applications_own_rate_holds_where_it_is_stricter() {
    let rate = Rate { frames: 2, per: Duration::from_secs(1) };
    let mut world = World::connected(Config { rate: Some(rate), ..config() });
    for _ in 0..10 {
        world.publish("r", "1").expect("room");
    }
    assert_eq!(frames(&mut world), 2);
    world.advance_s(2);
    assert_eq!(frames(&mut world), 4);
}

#[test]
fn a_volatile_message_over_the_rate_is_refused_here_and_not_queued() {
    let mut world = limited(10, 10_000);
    let said: Vec<_> = (0..20).map(|_| world.publish_volatile("r", "1")).collect();
    assert!(said[0].is_ok());
    assert_eq!(said[19], Err(Code::DroppedRateLimited));
    world.take();
    world.advance_s(20);
    assert_eq!(world.take().sent_of("signal"), [] as [Value; 0]);
}

#[test]
fn a_slow_link_fills_our_queue_and_not_the_browsers() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.buffered(300 * 1024);
    world.publish("r", "1").expect("room");
    assert_eq!(frames(&mut world), 0);
    assert_eq!(world.publish_volatile("r", "1"), Err(Code::DroppedRateLimited));
    world.advance_ms(500);
    assert_eq!(frames(&mut world), 0);
    world.buffered(1000);
    assert_eq!(frames(&mut world), 1);
}

#[test]
fn what_is_sent_counts_as_buffered_until_the_browser_says_otherwise() {
    let (mut world, _) = World::subscribed(config(), "r");
    let large = format!("\"{}\"", "x".repeat(60_000));
    for _ in 0..10 {
        world.publish("r", &large).expect("room");
    }
    assert_eq!(frames(&mut world), 5);
    world.buffered(0);
    assert_eq!(frames(&mut world), 5);
}

#[test]
fn signals_count_as_buffered_too() {
    let (mut world, _) = World::subscribed(config(), "r");
    let large = format!("\"{}\"", "x".repeat(60_000));
    let said: Vec<_> = (0..6).map(|_| world.publish_volatile("r", &large)).collect();
    assert!(said[4].is_ok() && world.client.waits_for_buffer());
    assert_eq!(said[5], Err(Code::DroppedRateLimited));
}

#[test]
fn a_signal_over_the_servers_limit_is_refused_here() {
    let (mut world, _) = World::subscribed(config(), "r");
    let large = format!("\"{}\"", "x".repeat(70_000));
    assert_eq!(world.publish_volatile("r", &large), Err(Code::DroppedTooLarge));
}

#[test]
fn everything_is_counted() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.publish("r", "1").expect("room");
    world.publish("r", "22").expect("room");
    world.ack(1, 1);
    world.refuse(&json!({ "code": "forbidden", "id": 2 }));
    world.deliver("r", 1, 1);
    world.deliver("r", 1, 1);
    world.deliver("r", 3, 3);
    world.receive_text("{");
    world.closed(Some(1012));
    let stats = world.client.stats();
    assert_eq!((stats.sent, stats.acked, stats.failed, stats.bytes_sent), (2, 1, 1, 3));
    assert_eq!((stats.received, stats.duplicates, stats.gaps, stats.skipped), (2, 1, 1, 1));
    assert_eq!((stats.connections, stats.losses.as_slice()), (1, &[(Code::LostServerBusy, 1)][..]));
    assert_eq!((stats.uptime(world.now()), stats.quality(world.now())), (None, Quality::Unknown));
}

#[test]
fn a_full_buffer_of_a_lost_line_does_not_hold_up_the_next() {
    let (mut world, _) = World::subscribed(config(), "r");
    world.buffered(300 * 1024);
    world.publish("r", "1").expect("room");
    world.reconnect();
    assert_eq!(frames(&mut world), 1);
}
