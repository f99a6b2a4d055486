//! The Discord gateway: sessions, sequences, zombies, limits, close codes.

use crate::support::{Log, NativeHost, Out, World, config};
use serde_json::{Value, json};
use tautline::host::Payload;
use tautline::protocol::discord::{Discord, DiscordConfig};
use tautline::{Code, Config, Duration, Message, Overflow, PublicState, QueueConfig, TokenWhy};

const URL: &str = "wss://gateway/";
const RESUME_URL: &str = "wss://resume/";
const IDENTIFY: &str = r#"{"op":2,"d":{"token":"secret","intents":1}}"#;
const INTERVAL_MS: u64 = 41_250;

fn gateway_with(config: Config) -> World {
    let discord = DiscordConfig { identify: r#""intents":1"#.into(), ..DiscordConfig::default() };
    World::speaking(config, Box::new(Discord::new(discord)))
}

/// Open, and not yet greeted.
fn opened() -> World {
    let mut world = gateway_with(config());
    world.connect();
    reopen(&mut world);
    world.take();
    world
}

fn reopen(world: &mut World) {
    world.resolve(Some(URL), Some("secret"));
    world.opened();
}

fn reopen_refused(world: &mut World) {
    world.resolve(Some(URL), Some("secret"));
    world.closed(None);
}

fn hello(world: &mut World) {
    world.receive(&json!({ "t": null, "s": null, "op": 10, "d": { "heartbeat_interval": INTERVAL_MS } }));
}

fn dispatch(world: &mut World, event: &str, sequence: u64) {
    world.receive(&json!({ "t": event, "s": sequence, "op": 0, "d": { "n": sequence } }));
}

fn welcome(world: &mut World, sequence: u64) {
    let d = json!({ "v": 10, "session_id": "abc", "resume_gateway_url": RESUME_URL });
    world.receive(&json!({ "t": "READY", "s": sequence, "op": 0, "d": d }));
}

/// Identified and welcomed, at sequence 1; the log is empty.
fn ready() -> World {
    let mut world = opened();
    hello(&mut world);
    welcome(&mut world, 1);
    assert_eq!(world.state(), PublicState::Connected);
    world.take();
    world
}

/// Loses the line and opens the next one; returns where it went.
fn return_to(world: &mut World, code: Option<u16>) -> String {
    world.closed(code);
    world.await_attempt();
    open_next(world)
}

fn open_next(world: &mut World) -> String {
    reopen(world);
    let log = world.take();
    let url = log.0.iter().rev().find_map(|out| match out {
        Out::Open { url, .. } => Some(url.clone()),
        _ => None,
    });
    url.expect("an attempt")
}

fn resume(sequence: u64) -> String {
    format!(r#"{{"op":6,"d":{{"token":"secret","session_id":"abc","seq":{sequence}}}}}"#)
}

fn beats(log: &Log) -> Vec<String> {
    log.sent().into_iter().filter(|frame| frame.starts_with(r#"{"op":1,"#)).collect()
}

fn command(op: &str, data: &str) -> Message<NativeHost> {
    let payload = Payload::Text(data.to_owned());
    Message { channel: None, event: op.to_owned(), payload, size: data.len(), ttl: None }
}

fn send(world: &mut World, op: &str, data: &str) -> u64 {
    world.publish_message(command(op, data)).expect("room")
}

/// Beats and answers until so much time has passed.
fn live(world: &mut World, seconds: u64) {
    for _ in 0..seconds {
        world.advance_s(1);
        if world.take().sent().iter().any(|frame| frame.starts_with(r#"{"op":1,"#)) {
            world.receive(&json!({ "op": 11 }));
        }
    }
}

#[test]
fn hello_is_answered_with_identify_and_ready_is_the_welcome() {
    let mut world = opened();
    assert!(world.sent().is_empty(), "the server speaks first");
    hello(&mut world);
    assert_eq!(world.sent(), [IDENTIFY]);
    assert_eq!(world.state(), PublicState::Connecting);
    welcome(&mut world, 1);
    let log = world.take();
    assert_eq!(log.events_of("welcomed")[0]["resumed"], false);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn the_heart_beats_from_hello_on_also_while_ready_is_awaited() {
    let mut world = gateway_with(Config { handshake_timeout: Duration::from_secs(600), ..config() });
    world.connect();
    reopen(&mut world);
    hello(&mut world);
    world.take();
    let mut heard = 0;
    for _ in 0..300 {
        world.advance_s(1);
        let log = world.take();
        heard += beats(&log).len();
        if !beats(&log).is_empty() {
            assert_eq!(beats(&log), [r#"{"op":1,"d":null}"#], "no event came yet");
            world.receive(&json!({ "op": 11 }));
        }
    }
    assert!((7..=8).contains(&heard), "{heard} beats in 300 s of {INTERVAL_MS} ms");
    welcome(&mut world, 1);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn an_outage_that_answers_beats_but_never_says_ready_ends_at_the_handshake_timeout() {
    let mut world = opened();
    hello(&mut world);
    world.advance_s(10);
    assert_eq!(world.client.cause(), Some(Code::LateHandshake));
}

#[test]
fn a_zombie_is_left_when_the_next_beat_is_due_although_it_still_talks() {
    let mut world = ready();
    let mut first = None;
    for second in 0..200 {
        dispatch(&mut world, "MESSAGE_CREATE", 2 + second);
        world.advance_s(1);
        let log = world.take();
        if !beats(&log).is_empty() {
            assert!(first.is_none(), "a second beat without an answer");
            first = Some(second);
        }
        if world.state() != PublicState::Connected {
            assert_eq!(world.client.cause(), Some(Code::LostHeartbeat));
            assert_eq!(
                log.closes(),
                [(4000, false)],
                "1000 would end the session, and nobody waits for the close event"
            );
            let waited = second - first.expect("a beat before");
            assert!((41..=42).contains(&waited), "{waited} s after the unanswered beat");
            return;
        }
    }
    panic!("a zombie was believed alive");
}

#[test]
fn a_beat_carries_the_last_sequence_and_the_servers_question_is_answered_at_once() {
    let mut world = ready();
    world.receive(&json!({ "op": 1, "d": null }));
    assert_eq!(world.sent(), [r#"{"op":1,"d":1}"#]);
    dispatch(&mut world, "MESSAGE_CREATE", 2);
    world.take();
    world.receive(&json!({ "op": 1, "d": null }));
    assert_eq!(world.sent(), [r#"{"op":1,"d":2}"#]);
    live(&mut world, 600);
    assert_eq!(world.state(), PublicState::Connected, "the servers own questions are not counted as unanswered");
}

#[test]
fn a_beat_that_is_answered_keeps_an_idle_line_for_a_day() {
    let mut world = ready();
    live(&mut world, 3600);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn a_lost_line_is_resumed_at_the_resume_url_from_the_last_sequence() {
    let mut world = ready();
    dispatch(&mut world, "MESSAGE_CREATE", 2);
    world.take();
    assert_eq!(return_to(&mut world, None), RESUME_URL);
    hello(&mut world);
    assert_eq!(world.sent(), [resume(2)]);
    for sequence in 3..=5 {
        dispatch(&mut world, "MESSAGE_CREATE", sequence);
    }
    dispatch(&mut world, "RESUMED", 6);
    let log = world.take();
    let heard: Vec<_> = log.events_of("signal").iter().map(|event| event["name"].clone()).collect();
    assert_eq!(heard.len(), 3, "what was missed comes before RESUMED: {heard:?}");
    assert_eq!(log.events_of("welcomed")[0]["resumed"], true);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn an_attempt_says_beforehand_whether_it_will_resume_or_identify() {
    let mut world = ready();
    world.closed(None);
    world.await_attempt();
    assert_eq!(world.take().resolves(), [TokenWhy::Resume]);
    reopen(&mut world);
    hello(&mut world);
    world.receive(&json!({ "op": 9, "d": false }));
    world.await_attempt();
    assert_eq!(world.take().resolves(), [TokenWhy::Connect]);
}

#[test]
fn sequence_zero_is_resumed_from_like_any_other() {
    let mut world = opened();
    hello(&mut world);
    welcome(&mut world, 0);
    return_to(&mut world, None);
    hello(&mut world);
    assert_eq!(world.sent(), [resume(0)]);
}

#[test]
fn a_missing_sequence_changes_nothing() {
    let mut world = ready();
    world.receive(&json!({ "op": 0, "t": "MESSAGE_CREATE", "d": 1 }));
    world.receive(&json!({ "op": 0, "t": "MESSAGE_CREATE", "s": null, "d": 1 }));
    assert_eq!(world.take().events_of("signal").len(), 2);
    world.receive(&json!({ "op": 1, "d": null }));
    assert_eq!(world.sent(), [r#"{"op":1,"d":1}"#]);
}

#[test]
fn a_sequence_that_is_no_number_of_events_is_told_and_its_event_skipped() {
    for sequence in [json!(-1), json!(0.5), json!(1e300)] {
        let mut world = ready();
        world.receive(&json!({ "op": 0, "t": "MESSAGE_CREATE", "s": sequence, "d": 1 }));
        let log = world.take();
        assert_eq!(log.events(), [json!({ "event": "problem", "code": "peer/bad-frame" })], "{sequence}");
        world.receive(&json!({ "op": 1, "d": null }));
        assert_eq!(world.sent(), [r#"{"op":1,"d":1}"#]);
    }
}

#[test]
fn a_tab_whose_timers_fire_once_a_minute_is_not_taken_for_a_zombie() {
    let mut world = ready();
    for _ in 0..10 {
        // What was due meanwhile happens late, and all at once; what comes over the socket is not held back.
        world.sleep(Duration::from_secs(60));
        for _ in beats(&world.take()) {
            world.receive(&json!({ "op": 11 }));
        }
    }
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn a_gateway_that_refuses_for_a_minute_is_asked_a_dozen_times_at_most() {
    let attempts = (0..100).map(|seed| {
        let mut world = World::seeded(Config::default(), Box::new(Discord::new(DiscordConfig::default())), "", seed);
        world.connect();
        let (mut attempts, start) = (0, world.now());
        while world.now().since(start) < Duration::from_secs(60) {
            reopen_refused(&mut world);
            attempts += 1;
            world.await_attempt();
        }
        attempts
    });
    let mean = attempts.sum::<u32>() / 100;
    assert!((6..=12).contains(&mean), "{mean} times");
}

#[test]
fn the_next_connection_after_a_zombie_is_made_at_once() {
    let mut world = ready();
    while world.state() == PublicState::Connected {
        world.advance_ms(100);
    }
    assert_eq!(world.client.cause(), Some(Code::LostHeartbeat));
    assert!(world.client.retry_in(world.now()) <= Some(Duration::from_millis(100)));
}

#[test]
fn an_event_that_comes_twice_is_delivered_once_and_a_hole_is_told() {
    let mut world = ready();
    dispatch(&mut world, "MESSAGE_CREATE", 2);
    dispatch(&mut world, "MESSAGE_CREATE", 2);
    dispatch(&mut world, "MESSAGE_CREATE", 1);
    dispatch(&mut world, "MESSAGE_CREATE", 5);
    let log = world.take();
    assert_eq!(log.events_of("signal").len(), 2);
    assert_eq!(log.events_of("gap"), [json!({ "event": "gap", "channel": null, "held": 2, "next": 5 })]);
    assert_eq!(world.client.stats().duplicates, 2);
}

#[test]
fn a_resume_that_finds_no_server_is_tried_at_the_first_url_with_the_session_kept() {
    let mut world = ready();
    assert_eq!(return_to(&mut world, None), RESUME_URL);
    world.closed(None);
    world.await_attempt();
    assert_eq!(open_next(&mut world), URL);
    hello(&mut world);
    assert_eq!(world.sent(), [resume(1)]);
    dispatch(&mut world, "RESUMED", 2);
    assert_eq!(return_to(&mut world, None), RESUME_URL, "it is good again after a resume");
}

#[test]
fn an_invalid_session_is_left_for_one_to_five_seconds_and_identified_to_again() {
    let mut world = ready();
    return_to(&mut world, None);
    hello(&mut world);
    world.receive(&json!({ "op": 9, "d": false }));
    let wait = world.client.retry_in(world.now()).expect("a wait");
    assert!((1000..=5000).contains(&wait.as_millis()), "{wait:?}");
    world.network(tautline::NetworkEvent::Online);
    assert!(world.client.retry_in(world.now()).is_some(), "a hint does not shorten what the server asked for");
    world.await_attempt();
    assert_eq!(open_next(&mut world), URL);
    hello(&mut world);
    assert_eq!(world.sent(), [IDENTIFY]);
    welcome(&mut world, 1);
    assert_eq!(world.state(), PublicState::Connected, "the new session counts from one again");
    assert!(world.take().events_of("gap").is_empty());
}

#[test]
fn an_invalid_session_that_may_be_resumed_is_resumed() {
    let mut world = ready();
    world.receive(&json!({ "op": 9, "d": true }));
    world.await_attempt();
    open_next(&mut world);
    hello(&mut world);
    assert_eq!(world.sent(), [resume(1)]);
}

#[test]
fn reconnect_is_followed_at_once_also_instead_of_hello() {
    let mut world = ready();
    world.receive(&json!({ "op": 7, "d": null }));
    assert_eq!(world.take().closes(), [(4000, false)]);
    assert!(world.client.retry_in(world.now()).expect("a wait") <= Duration::from_millis(500));
    world.await_attempt();
    assert_eq!(open_next(&mut world), RESUME_URL);
    world.receive(&json!({ "op": 7, "d": null }));
    assert_eq!(world.client.cause(), Some(Code::LostReconnectAsked));
    world.await_attempt();
    open_next(&mut world);
    hello(&mut world);
    assert_eq!(world.sent(), [resume(1)]);
}

#[test]
fn what_is_sent_during_a_resume_goes_out_after_it_in_order() {
    let mut world = ready();
    return_to(&mut world, None);
    hello(&mut world);
    world.take();
    send(&mut world, "3", r#"{"status":"idle"}"#);
    send(&mut world, "8", r#"{"guild_id":"1"}"#);
    dispatch(&mut world, "MESSAGE_CREATE", 2);
    assert!(world.sent().is_empty());
    dispatch(&mut world, "RESUMED", 3);
    assert_eq!(world.sent(), [r#"{"op":3,"d":{"status":"idle"}}"#, r#"{"op":8,"d":{"guild_id":"1"}}"#]);
}

#[test]
fn commands_keep_to_the_limit_and_heartbeats_still_go_out() {
    let mut world = ready();
    for _ in 0..500 {
        send(&mut world, "3", "1");
    }
    let mut times = vec![];
    for second in 0..400_u64 {
        let sent = world.take().sent();
        if sent.iter().any(|frame| frame.starts_with(r#"{"op":1,"#)) {
            world.receive(&json!({ "op": 11 }));
        }
        times.extend(sent.iter().map(|_| second));
        world.advance_s(1);
    }
    assert_eq!(world.state(), PublicState::Connected);
    assert!(times.len() >= 500, "all went out: {}", times.len());
    let most = times.iter().map(|from| times.iter().filter(|at| (*from..from + 60).contains(*at)).count()).max();
    assert!(most <= Some(120), "{most:?} in a minute");
}

#[test]
fn commands_in_a_hurry_go_before_those_that_wait_in_the_order_they_were_given() {
    let mut world = ready();
    world.closed(None);
    for (op, hurried) in [("31", false), ("43", false), ("3", true), ("4", true)] {
        let message = command(op, "1");
        let id = if hurried { world.publish_first(message) } else { world.publish_message(message) };
        id.expect("room");
    }
    world.await_attempt();
    open_next(&mut world);
    hello(&mut world);
    world.take();
    dispatch(&mut world, "RESUMED", 2);
    let commands: Vec<_> = ["3", "4", "31", "43"].iter().map(|op| format!(r#"{{"op":{op},"d":1}}"#)).collect();
    assert_eq!(world.sent(), commands);
    assert_eq!(world.client.sends_left(world.now()), 120 - 6 - 4, "but what the heart may need, and what was sent");
}

#[test]
fn a_full_queue_drops_the_oldest_that_has_no_hurry() {
    let queue = QueueConfig { max: 3, overflow: Overflow::DropOldest, ..Config::default().queue };
    let mut world = gateway_with(Config { queue, ..config() });
    let hurried = world.publish_first(command("4", "1")).expect("room");
    let ids: Vec<_> = (0..4).map(|_| world.publish_message(command("3", "1")).expect("room")).collect();
    let dropped: Vec<_> = world.take().events_of("failed").iter().map(|event| event["id"].clone()).collect();
    assert_eq!(dropped, ids[..2], "and not {hurried}, which came first");
    for _ in 0..2 {
        world.publish_first(command("4", "1")).expect("room");
    }
    assert_eq!(world.publish_message(command("3", "1")), Err(Code::DroppedOverflow), "nobody is without hurry");
}

#[test]
fn a_fatal_close_code_fails_once_and_for_good() {
    for (code, error) in [
        (4010, Code::RefusedInvalidShard),
        (4011, Code::RefusedShardingRequired),
        (4012, Code::RefusedInvalidVersion),
        (4013, Code::RefusedInvalidIntents),
        (4014, Code::RefusedDisallowedIntents),
    ] {
        let mut world = ready();
        world.closed(Some(code));
        assert_eq!((world.state(), world.client.cause()), (PublicState::Failed, Some(error)), "{code}");
        world.advance_s(3600);
        assert!(world.take().resolves().is_empty(), "{code}: no attempt follows");
    }
}

#[test]
fn a_refused_token_is_asked_for_once_more_where_there_is_a_function_and_else_fails() {
    let mut world = ready();
    world.closed(Some(4004));
    assert_eq!(world.take().resolves(), [TokenWhy::Refused]);
    reopen(&mut world);
    world.closed(Some(4004));
    assert_eq!((world.state(), world.client.cause()), (PublicState::Failed, Some(Code::RefusedTokenInvalid)));
    let mut world = gateway_with(Config::default());
    world.connect();
    reopen(&mut world);
    world.closed(Some(4004));
    assert_eq!(world.state(), PublicState::Failed);
}

#[test]
fn close_codes_that_end_the_session_lead_to_identify_and_the_others_to_resume() {
    for (code, resumed) in [
        (None, true),
        (Some(1000), true),
        (Some(1001), true),
        (Some(4000), true),
        (Some(4001), true),
        (Some(4002), true),
        (Some(4003), false),
        (Some(4005), true),
        (Some(4006), false),
        (Some(4007), false),
        (Some(4008), true),
        (Some(4009), false),
    ] {
        let mut world = ready();
        return_to(&mut world, code);
        hello(&mut world);
        let expected = if resumed { resume(1) } else { IDENTIFY.to_owned() };
        assert_eq!(world.sent(), [expected], "{code:?}");
    }
}

#[test]
fn an_earlier_life_of_the_page_is_resumed_by_the_next() {
    let mut world = gateway_with(config());
    assert!(world.client.restore_session("abc", 41, Some(RESUME_URL)));
    world.connect();
    assert_eq!(open_next(&mut world), RESUME_URL);
    hello(&mut world);
    assert_eq!(world.sent(), [resume(41)]);
    assert!(!world.client.restore_session("late", 1, None), "not once it lives itself");
}

#[test]
fn frames_that_cannot_be_read_are_fetched_again_by_a_resume_and_not_for_ever() {
    let mut world = ready();
    for _ in 0..3 {
        world.receive_text("{");
        assert_eq!(world.client.cause(), Some(Code::PeerBadFrame));
        world.await_attempt();
        open_next(&mut world);
        hello(&mut world);
        assert_eq!(world.sent(), [resume(1)]);
    }
    world.receive_text("{");
    assert_eq!(world.client.cause(), Some(Code::PeerProtocol));
}

#[test]
fn malformed_payloads_are_skipped_or_end_the_connection_and_never_panic() {
    let frames: [(Value, PublicState); 14] = [
        (json!({}), PublicState::Connected),
        (json!([]), PublicState::Connected),
        (json!({ "op": 99 }), PublicState::Connected),
        (json!({ "op": "0" }), PublicState::Connected),
        (json!({ "op": 0, "t": null, "s": 2 }), PublicState::Connected),
        (json!({ "op": 0, "t": 5, "s": 2 }), PublicState::Connected),
        (json!({ "op": 0, "t": "X", "s": -1 }), PublicState::Connected),
        (json!({ "op": 11 }), PublicState::Connected),
        (json!({ "op": 10 }), PublicState::Reconnecting),
        (json!({ "op": 10, "d": { "heartbeat_interval": 0 } }), PublicState::Reconnecting),
        (json!({ "op": 10, "d": { "heartbeat_interval": "41250" } }), PublicState::Reconnecting),
        (json!({ "op": 9 }), PublicState::Reconnecting),
        (json!({ "op": 9, "d": "yes" }), PublicState::Reconnecting),
        (json!({ "op": 0, "t": "READY", "s": 2, "d": {} }), PublicState::Reconnecting),
    ];
    for (frame, state) in frames {
        let mut world = ready();
        world.receive(&frame);
        assert_eq!(world.state(), state, "{frame}");
    }
}

#[test]
fn a_heart_that_races_neither_hangs_nor_starves_the_commands() {
    let mut world = opened();
    world.receive(&json!({ "op": 10, "d": { "heartbeat_interval": 0.001 } }));
    welcome(&mut world, 1);
    send(&mut world, "3", "1");
    let mut sent = 0;
    for _ in 0..100 {
        world.advance_ms(50);
        let log = world.take();
        sent += beats(&log).len();
        if !beats(&log).is_empty() {
            world.receive(&json!({ "op": 11 }));
        }
    }
    assert_eq!(world.state(), PublicState::Connected);
    assert!(sent <= 51, "{sent} beats in 5 s");
    world.assert_settled();
}

#[test]
fn a_tab_that_slept_for_ten_minutes_probes_before_it_judges() {
    let mut world = ready();
    world.sleep(Duration::from_secs(600));
    assert_eq!(world.state(), PublicState::Connected);
    assert_eq!(world.sent().len(), 1, "one beat, to ask");
    world.receive(&json!({ "op": 11 }));
    world.advance_s(5);
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn no_token_is_ever_told_to_the_application() {
    let mut world = opened();
    hello(&mut world);
    welcome(&mut world, 1);
    world.closed(Some(4004));
    let told = format!("{:?}", world.take().events());
    assert!(!told.contains("secret"), "{told}");
}

#[test]
fn what_a_gateway_cannot_say_fails_at_once_and_not_with_the_next_frame() {
    let mut world = ready();
    world.request("1", 60_000).expect("room");
    world.subscribe("room");
    let log = world.take();
    assert_eq!(log.events_of("request-failed")[0]["code"], "misuse/unsupported");
    assert_eq!(log.events_of("channel-refused")[0]["code"], "misuse/unsupported");
    world.assert_settled();
}
