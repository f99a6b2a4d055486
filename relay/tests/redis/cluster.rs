//! Three relays under load, one killed again and again, clients moving between them: nothing acked is lost or doubled.
//!
//! `CLUSTER_SECONDS` is how long; a short run by default.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::peer::{Addresses, Peer, Seen};
use crate::processes::{Redis, Relay, until};

const CHANNELS: [&str; 3] = ["a", "b", "c"];
const PEERS: usize = 8;

fn seconds() -> u64 {
    std::env::var("CLUSTER_SECONDS").ok().map_or(8, |seconds| seconds.parse().expect("CLUSTER_SECONDS: a number"))
}

/// Peers that publish until then.
fn peers(addresses: &Addresses, until: Instant) -> Vec<Arc<Mutex<Seen>>> {
    let start = |name| {
        let (peer, seen) = Peer::new(name, addresses.clone(), &CHANNELS, until);
        tokio::spawn(peer.run());
        seen
    };
    (0..PEERS).map(start).collect()
}

/// Waits until everybody has everything, and compares.
async fn compare(peers: &[Arc<Mutex<Seen>>]) {
    let acked = || {
        let mut all = BTreeMap::new();
        for seen in peers {
            all.extend(seen.lock().expect("what it saw").acked.clone());
        }
        all
    };
    until("everything is settled and heard", async || {
        // First this: what is acknowledged after it was looked at would be missed.
        if peers.iter().any(|seen| seen.lock().expect("what it saw").unsettled > 0) {
            return false;
        }
        let mut latest = BTreeMap::new();
        for (channel, offset) in acked().into_values() {
            let last = latest.entry(channel).or_insert(0);
            *last = offset.max(*last);
        }
        peers.iter().all(|seen| {
            let seen = seen.lock().expect("what it saw");
            let has_all = |(channel, offset): (&String, &u64)| {
                seen.inboxes.get(channel).is_some_and(|inbox| inbox.offset >= *offset)
            };
            latest.iter().all(has_all)
        })
    })
    .await;
    let acked = acked();
    let mut history: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for channel in CHANNELS {
        let mut messages: Vec<_> = acked
            .iter()
            .filter(|(_, (at, _))| at == channel)
            .map(|(payload, (_, offset))| (*offset, payload))
            .collect();
        messages.sort();
        // No offset is left out and none is given twice: every message that was published was acknowledged, once.
        assert!(messages.iter().map(|(offset, _)| *offset).eq(1..=messages.len() as u64), "{channel}: {messages:?}");
        history.insert(channel, messages.into_iter().map(|(_, payload)| payload.clone()).collect());
    }
    let mut connections = 0;
    for (name, seen) in peers.iter().enumerate() {
        let seen = seen.lock().expect("what it saw");
        connections += seen.connections;
        for channel in CHANNELS {
            let inbox = &seen.inboxes[channel];
            assert_eq!(inbox.gaps, 0, "peer {name}, channel {channel}");
            let (heard, all) = (&inbox.messages, &history[channel]);
            let differs = heard.iter().zip(all).position(|(heard, published)| heard != published);
            let at = differs.unwrap_or(heard.len().min(all.len()));
            assert!(
                heard.iter().eq(all),
                "peer {name}, channel {channel}: {} heard, {} published; from {at} on {:?} and not {:?}",
                heard.len(),
                all.len(),
                heard.iter().skip(at).take(3).collect::<Vec<_>>(),
                all.iter().skip(at).take(3).collect::<Vec<_>>()
            );
        }
    }
    println!("{} messages to {PEERS} peers over {connections} connections", acked.len());
    assert!(acked.len() > 100 && connections > PEERS as u32, "that was no load: {}, {connections}", acked.len());
}

fn arguments() -> [&'static str; 4] {
    ["--history-size", "100000", "--rate", "10000"]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_relay_of_three_is_killed_again_and_again_and_every_acked_message_reaches_everybody_once_in_order() {
    let redis = Redis::start();
    let start = || Relay::start_with(&redis.url(), &arguments());
    let mut relays = [start(), start(), start()];
    let addresses: Addresses = Arc::new(Mutex::new(relays.iter().map(|relay| Some(relay.address.clone())).collect()));
    let end = Instant::now() + Duration::from_secs(seconds());
    let peers = peers(&addresses, end);
    for victim in (0..3).cycle() {
        sleep(Duration::from_millis(1_500)).await;
        if Instant::now() >= end {
            break;
        }
        addresses.lock().expect("the addresses")[victim] = None;
        relays[victim] = start();
        addresses.lock().expect("the addresses")[victim] = Some(relays[victim].address.clone());
    }
    compare(&peers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_killed_again_and_again_under_load_and_every_acked_message_reaches_everybody_once_in_order() {
    let mut redis = Redis::start();
    let start = || Relay::start_with(&redis.url(), &arguments());
    let relays = [start(), start(), start()];
    let addresses: Addresses = Arc::new(Mutex::new(relays.iter().map(|relay| Some(relay.address.clone())).collect()));
    let end = Instant::now() + Duration::from_secs(seconds());
    let peers = peers(&addresses, end);
    while Instant::now() < end {
        sleep(Duration::from_millis(2_000)).await;
        redis.kill();
        sleep(Duration::from_millis(500)).await;
        redis.run();
    }
    compare(&peers).await;
}
