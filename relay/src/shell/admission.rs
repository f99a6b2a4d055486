//! Who gets a seat: how many at once, in all and from one address.
//!
//! The same rule counts open websockets, connections that are still in their handshake, and refused ones that linger
//! until they have read why.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The bits of an IPv6 address that name a network: whoever has one has all addresses in it.
const NETWORK: u128 = !0 << 64;

/// Which of the two limits is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// No seat is left for anybody.
    All,
    /// This address has its share.
    Address,
}

#[derive(Debug)]
pub(crate) struct Admission {
    limit: usize,
    per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Admission {
    pub(crate) fn new(limit: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Self { limit, per_address, taken: Mutex::default() })
    }

    /// Takes a seat until the answer is dropped.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Seat, Full> {
        let network = network(address);
        let mut taken = self.taken();
        if taken.all >= self.limit {
            return Err(Full::All);
        }
        let count = taken.by_address.get(&network).copied().unwrap_or(0);
        if count >= self.per_address {
            return Err(Full::Address);
        }
        taken.all += 1;
        taken.by_address.insert(network, count + 1);
        Ok(Seat { admission: self.clone(), network })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A seat that is taken. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Seat {
    admission: Arc<Admission>,
    network: IpAddr,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.admission.taken();
        taken.all -= 1;
        if let Some(count) = taken.by_address.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.network);
            }
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & NETWORK)),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_cannot_take_the_seats_of_the_others() {
        let admission = Admission::new(3, 2);
        let first = admission.enter(ip("192.0.2.1")).unwrap();
        let _second = admission.enter(ip("::ffff:192.0.2.1")).unwrap();
        assert_eq!(admission.enter(ip("192.0.2.1")).err(), Some(Full::Address));
        let _other = admission.enter(ip("192.0.2.2")).unwrap();
        assert_eq!(admission.enter(ip("192.0.2.3")).err(), Some(Full::All));
        drop(first);
        assert!(admission.enter(ip("192.0.2.1")).is_ok());
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_are_one() {
        let admission = Admission::new(9, 1);
        let _seat = admission.enter(ip("2001:db8::1")).unwrap();
        assert_eq!(admission.enter(ip("2001:db8::ffff:1")).err(), Some(Full::Address));
        assert!(admission.enter(ip("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn who_has_gone_leaves_nothing_behind() {
        let admission = Admission::new(9, 9);
        drop((admission.enter(ip("192.0.2.1")), admission.enter(ip("192.0.2.2"))));
        assert!(admission.taken().by_address.is_empty());
    }
}
