//! Outbound connections that are on their way.

use std::net::SocketAddr;

/// One outbound connection until it has come about or failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Dial {
    /// The caller's name for it.
    pub(crate) token: u64,
    pub(crate) remote: SocketAddr,
    /// The slot of its socket, once it is installed.
    pub(crate) slot: Option<u32>,
    /// Whether its socket is connected already.
    pub(crate) is_adopted: bool,
}

/// Every connect in flight has a place; their number is bounded by the configuration.
#[derive(Debug)]
pub(crate) struct Dials {
    places: Vec<Option<Dial>>,
    idle_places: Vec<u16>,
}

impl Dials {
    pub(crate) fn new(in_flight_max: u16) -> Self {
        Self {
            places: vec![None; usize::from(in_flight_max)],
            idle_places: (0..in_flight_max).rev().collect(),
        }
    }

    /// Whether all places are taken.
    pub(crate) const fn is_full(&self) -> bool {
        self.idle_places.is_empty()
    }

    /// Gives a connect a place; there must be one.
    pub(crate) fn begin(&mut self, token: u64, remote: SocketAddr, is_adopted: bool) -> u16 {
        let place = self.idle_places.pop().expect("the caller has asked for a place");
        self.places[usize::from(place)] = Some(Dial { token, remote, slot: None, is_adopted });
        place
    }

    /// A connect whose socket has its slot.
    pub(crate) fn installed(&mut self, place: u16, slot: u32) -> Dial {
        let dial = self.places[usize::from(place)].as_mut().expect("its install was in flight");
        assert_eq!(dial.slot.replace(slot), None, "a socket is installed once");
        *dial
    }

    /// Whether the connect of that place is in flight.
    pub(crate) fn is_connecting(&self, place: u16) -> bool {
        self.places[usize::from(place)].is_some_and(|dial| dial.slot.is_some())
    }

    /// A connect that is over, one way or the other.
    pub(crate) fn end(&mut self, place: u16) -> Dial {
        self.idle_places.push(place);
        self.places[usize::from(place)].take().expect("it was in flight")
    }
}
