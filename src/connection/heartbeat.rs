//! Decides when to beat and when the peer is dead.
//!
//! In: signs of life, doubts, time. Out: a [`Pulse`]. Not here: what a beat looks like (the protocol), what death leads to
//! (state.rs). Lateness is judged against the clock: whoever asks much later than agreed slept or was throttled, knows
//! nothing about the peer, and therefore probes before judging.

use crate::config::HeartbeatConfig;
use crate::protocol::HeartbeatPlan;
use crate::rng::Rng;
use crate::time::{Duration, Instant};
use crate::timer::{Deadline, Timer};
use std::collections::VecDeque;

/// What the heart wants now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pulse {
    /// Nothing.
    Rest,
    /// Send a beat.
    Beat,
    /// The peer is dead.
    Stop,
}

/// One connection's heart.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    plan: HeartbeatPlan,
    probe: Duration,
    last_sign: Instant,
    next_beat: Option<Instant>,
    /// When the unanswered beats left, oldest first; kept for the latency even after another frame proved life.
    beats_sent: VecDeque<Instant>,
    awaited: Option<Awaited>,
}

#[derive(Clone, Copy, Debug)]
struct Awaited {
    until: Instant,
    probing: bool,
}

/// No server needs more beats than one in this time, nor an answer within less, whatever it says.
const MIN_BEAT: Duration = Duration::from_millis(100);
/// A server that answers none of so many beats answers none at all.
const MAX_UNANSWERED: usize = 16;
/// A timer this late was not late by load: the page slept or was throttled.
pub(crate) const LATE: Duration = Duration::from_secs(2);

impl Heartbeat {
    pub(crate) fn new(now: Instant, plan: &HeartbeatPlan, config: &HeartbeatConfig, rng: &mut Rng) -> Self {
        let mut plan = *plan;
        if let Some((every, within)) = &mut plan.beat {
            *every = config.interval.unwrap_or(*every).max(MIN_BEAT);
            *within = config.timeout.unwrap_or(*within).max(MIN_BEAT);
        }
        // The first beat is jittered, so that clients of a restarted server do not beat in step.
        let next_beat = plan.beat.map(|(every, _)| now + rng.part_of(every));
        Self { plan, probe: config.probe, last_sign: now, next_beat, beats_sent: VecDeque::new(), awaited: None }
    }

    /// A frame came: life, unless the protocol counts answers only.
    pub(crate) const fn handle_sign(&mut self, now: Instant) {
        self.last_sign = now;
        if !self.plan.strict {
            self.awaited = None;
        }
    }

    /// The same of a message on the short way, which reads no clock: no protocol that has one measures silence.
    pub(crate) fn handle_next(&mut self) {
        debug_assert!(self.plan.silence.is_none(), "nobody knows how long the peer is silent");
        if !self.plan.strict {
            self.awaited = None;
        }
    }

    /// Our oldest beat was answered; how long it took.
    pub(crate) fn handle_answer(&mut self, now: Instant) -> Option<Duration> {
        self.awaited = None;
        self.beats_sent.pop_front().map(|sent| now.since(sent))
    }

    /// There is a reason to doubt the link: beat now, and judge soon.
    pub(crate) fn doubt(&mut self, now: Instant) -> Pulse {
        if self.plan.beat.is_none() {
            // We cannot ask; the server has its whole time again.
            self.last_sign = now;
            return Pulse::Rest;
        }
        if self.is_probing() {
            return Pulse::Rest;
        }
        self.awaited = Some(Awaited { until: now + self.probe, probing: true });
        self.beat(now)
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Pulse {
        if let Some(awaited) = self.awaited.filter(|awaited| awaited.until <= now) {
            if awaited.probing || now.since(awaited.until) < LATE {
                return Pulse::Stop;
            }
            return self.doubt(now);
        }
        if let Some(until) = self.silent_until().filter(|until| *until <= now) {
            return if now.since(until) < LATE { Pulse::Stop } else { self.doubt(now) };
        }
        match (self.next_beat, self.plan.beat) {
            (Some(due), Some((_, within))) if due <= now => {
                // Woken long after the beat was due: the link may have died meanwhile.
                if now.since(due) >= LATE && !self.is_probing() {
                    return self.doubt(now);
                }
                if self.awaited.is_none() {
                    self.awaited = Some(Awaited { until: now + within, probing: false });
                }
                self.beat(now)
            }
            _ => Pulse::Rest,
        }
    }

    pub(crate) fn poll_timeout(&self) -> Deadline {
        Deadline::new(self.awaited.map(|awaited| awaited.until), Timer::JudgeHeart)
            .or(self.silent_until(), Timer::JudgeHeart)
            .or(self.next_beat, Timer::BeatHeart)
    }

    fn beat(&mut self, now: Instant) -> Pulse {
        self.next_beat = self.plan.beat.map(|(every, _)| now + every);
        if self.beats_sent.len() == MAX_UNANSWERED {
            self.beats_sent.pop_front();
        }
        self.beats_sent.push_back(now);
        Pulse::Beat
    }

    fn is_probing(&self) -> bool {
        self.awaited.is_some_and(|awaited| awaited.probing)
    }

    fn silent_until(&self) -> Option<Instant> {
        self.plan.silence.filter(|_| !self.is_probing()).map(|silence| self.last_sign + silence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    fn heart(plan: HeartbeatPlan) -> Heartbeat {
        Heartbeat::new(at(0), &plan, &Config::default().heartbeat, &mut Rng::new(1))
    }

    fn ours() -> HeartbeatPlan {
        HeartbeatPlan { beat: Some((Duration::from_secs(25), Duration::from_secs(10))), ..HeartbeatPlan::default() }
    }

    fn due(heart: &Heartbeat) -> Instant {
        heart.poll_timeout().get().unwrap().0
    }

    #[test]
    fn an_unanswered_beat_stops_the_heart_at_its_deadline() {
        let mut heart = heart(ours());
        let beat = due(&heart);
        assert!(beat <= at(25_000), "the first beat is jittered within the interval");
        assert_eq!(heart.handle_timeout(beat), Pulse::Beat);
        let judged = due(&heart);
        assert_eq!(judged.since(beat), Duration::from_secs(10));
        assert_eq!(heart.handle_timeout(judged), Pulse::Stop);
    }

    #[test]
    fn where_only_answers_count_a_talking_peer_that_answers_none_is_dead() {
        let mut heart = heart(HeartbeatPlan { strict: true, ..ours() });
        let beat = due(&heart);
        heart.handle_timeout(beat);
        heart.handle_sign(beat + Duration::from_secs(9));
        assert_eq!(heart.handle_timeout(beat + Duration::from_secs(10)), Pulse::Stop);
    }

    #[test]
    fn any_frame_keeps_it_alive_and_the_answer_still_tells_the_latency() {
        let mut heart = heart(ours());
        let beat = due(&heart);
        heart.handle_timeout(beat);
        heart.handle_sign(beat + Duration::from_millis(5));
        assert_eq!(heart.handle_timeout(beat + Duration::from_secs(11)), Pulse::Rest);
        assert_eq!(heart.handle_answer(beat + Duration::from_millis(40)), Some(Duration::from_millis(40)));
    }

    #[test]
    fn an_answer_slower_than_the_next_beat_is_measured_from_its_own() {
        let mut heart = heart(ours());
        heart.doubt(at(0));
        heart.handle_sign(at(1));
        heart.doubt(at(1000));
        assert_eq!(heart.handle_answer(at(1500)), Some(Duration::from_millis(1500)));
        heart.doubt(at(1600));
        assert_eq!(heart.handle_answer(at(2500)), Some(Duration::from_millis(1500)));
    }

    #[test]
    fn a_machine_that_slept_probes_before_it_judges() {
        let mut heart = heart(ours());
        let beat = due(&heart);
        heart.handle_timeout(beat);
        let woken = beat + Duration::from_secs(3600);
        assert_eq!(heart.handle_timeout(woken), Pulse::Beat);
        assert_eq!(due(&heart).since(woken), Duration::from_secs(4));
        assert_eq!(heart.handle_timeout(due(&heart)), Pulse::Stop);
    }

    #[test]
    fn a_throttled_tab_keeps_a_good_link() {
        let mut heart = heart(ours());
        let mut now = due(&heart);
        for _ in 0..30 {
            now = now + Duration::from_secs(60);
            assert_ne!(heart.handle_timeout(now), Pulse::Stop);
            heart.handle_sign(now + Duration::from_millis(50));
        }
    }

    #[test]
    fn a_silent_server_that_promised_to_beat_is_dead() {
        let plan = HeartbeatPlan { silence: Some(Duration::from_secs(45)), ..HeartbeatPlan::default() };
        let mut heart = heart(plan);
        heart.handle_sign(at(10_000));
        assert_eq!(heart.handle_timeout(at(45_000)), Pulse::Rest);
        assert_eq!(due(&heart), at(55_000));
        assert_eq!(heart.handle_timeout(at(55_000)), Pulse::Stop);
    }

    #[test]
    fn doubting_twice_does_not_postpone_the_judgement() {
        let mut heart = heart(ours());
        assert_eq!(heart.doubt(at(100)), Pulse::Beat);
        assert_eq!(heart.doubt(at(3000)), Pulse::Rest);
        assert_eq!(heart.handle_timeout(at(4100)), Pulse::Stop);
    }
}
