//! Clients, the real server core and a bad network, all on one virtual clock, against a small reference model.
//!
//! `SIM_RUNS` sets how many runs (default 200), `SIM_SEED` replays one. A failure prints its seed;
//! `SIM_TRACE=1` prints what each application hears.

#![cfg(not(target_arch = "wasm32"))]

#[path = "../support/mod.rs"]
mod support;

mod dice;
mod model;
mod network;
mod peer;
mod world;

use model::Sabotage;
use world::Sim;

/// Says which seed to replay when a run fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("replay with: SIM_SEED={} cargo test --test simulation", self.0);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn nothing_acked_is_lost_doubled_or_reordered_and_everything_settles() {
    let seeds = match number("SIM_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIM_RUNS").unwrap_or(200),
    };
    let mut total = model::Totals::default();
    for seed in seeds.clone() {
        let _replay = Seed(seed);
        total.add(&Sim::new(seed, None).run());
    }
    println!("{total:?}");
    if seeds.end - seeds.start >= 100 {
        total.assert_that_something_happened();
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    assert_eq!(Sim::new(7, None).run(), Sim::new(7, None).run());
}

/// The model must be able to fail: each kind of damage, done to what the application hears, is found.
#[test]
fn the_model_finds_every_kind_of_damage() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let found = |sabotage: Sabotage| {
        (0..20u64).filter(|seed| std::panic::catch_unwind(|| Sim::new(*seed, Some(sabotage)).run()).is_err()).count()
    };
    let counts = Sabotage::ALL.map(|sabotage| (sabotage, found(sabotage)));
    std::panic::set_hook(quiet);
    for (sabotage, found) in counts {
        assert!(found >= 10, "{sabotage:?} was found in {found} of 20 runs");
    }
}
