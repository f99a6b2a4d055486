//! A queue that outlives its page.

use crate::support::{World, config};
use tautline::Code;

const SESSION: &str = "session-9876543210";

fn ids(world: &mut World) -> Vec<u64> {
    world.take().sent_of("publish").iter().map(|frame| frame["id"].as_u64().expect("an id")).collect()
}

#[test]
fn unsettled_messages_of_an_earlier_life_go_first_under_their_old_ids() {
    let (mut world, _) = World::subscribed(config(), "r");
    for _ in 0..4 {
        world.publish("r", "1").expect("room");
    }
    world.ack(2, 1);
    world.take();
    let kept: Vec<_> = world.unsettled().into_iter().map(|id| (id, "r", "1".to_owned())).collect();
    world.reload(config(), SESSION, 2, &kept);
    assert_eq!(world.client.queue(), (3, 3));
    assert_eq!(world.publish("r", "1"), Ok(5), "ids go on where they ended");
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    assert_eq!(world.sent()[0], format!(r#"{{"type":"hello","session":"{SESSION}"}}"#));
    world.welcome(&serde_json::json!({ "resumed": true }));
    assert_eq!(ids(&mut world), [1, 3, 4, 5]);
    for id in [1, 3, 4, 5] {
        world.ack(id, id);
    }
    world.assert_settled();
}

#[test]
fn a_client_that_has_lived_takes_over_nothing() {
    let mut world = World::connected(config());
    assert!(!world.client.adopt(&SESSION.to_owned(), 9));
    let mut world = World::new(config());
    world.publish("r", "1").expect("room");
    assert!(!world.client.adopt(&SESSION.to_owned(), 9));
    let mut world = World::new(config());
    world.destroy();
    assert!(!world.client.adopt(&SESSION.to_owned(), 9));
    assert_eq!(world.publish("r", "1"), Err(Code::Destroyed));
}

#[test]
fn a_restored_message_whose_id_does_not_fit_is_left_out() {
    let mut world = World::new(config());
    assert!(world.client.adopt(&SESSION.to_owned(), 5));
    let mut restored = |id: u64| {
        let message = world.message("r", "1");
        world.client.restore(world.now(), id, message)
    };
    assert_eq!([restored(3), restored(3), restored(2), restored(6), restored(5)], [true, false, false, false, true]);
}
