//! The chain of bookings that an appointment was at Cal.com: every move makes a new one there.

use booking_domain::appointment::RemoteBooking;
use booking_domain::ids::BookingUid;
use booking_domain::ports::{CalendarError, CalendarPort};
use booking_domain::tenant::CalcomAccount;

/// So many moves are followed, either way.
const MOST_MOVES: usize = 20;

/// Bookings of which each replaced the one before.
pub(super) struct Chain {
    links: Vec<RemoteBooking>,
    /// Whether the last of them was replaced by nothing that Cal.com does not show yet.
    pub(super) is_whole: bool,
}

impl Chain {
    /// Reads it at Cal.com, beginning anywhere; `None` when Cal.com has no such booking.
    pub(super) async fn read(
        calendar: &dyn CalendarPort,
        account: &CalcomAccount,
        uid: &BookingUid,
        knows_what_was_before: bool,
    ) -> Result<Option<Self>, CalendarError> {
        let Some(found) = calendar.get(account, uid).await? else {
            return Ok(None);
        };
        let mut links = vec![found];
        while !knows_what_was_before && links.len() <= MOST_MOVES {
            let Some(former) = links[0].rescheduled_from.clone() else {
                break;
            };
            let Some(link) = calendar.get(account, &former).await? else {
                break;
            };
            links.insert(0, link);
        }
        let mut is_whole = true;
        for _ in 0..MOST_MOVES {
            let Some(successor) = links[links.len() - 1].rescheduled_to.clone() else {
                break;
            };
            match calendar.get(account, &successor).await? {
                Some(link) => links.push(link),
                None => {
                    is_whole = false;
                    break;
                }
            }
        }
        Ok(Some(Self { links, is_whole }))
    }

    /// What stands now, or was the last to stand.
    pub(super) fn last(&self) -> &RemoteBooking {
        &self.links[self.links.len() - 1]
    }

    /// What was booked first, as far as Cal.com tells.
    pub(super) fn first(&self) -> &RemoteBooking {
        &self.links[0]
    }

    /// Whether the booking is one of them.
    pub(super) fn has(&self, uid: &BookingUid) -> bool {
        self.links.iter().any(|link| link.uid == *uid)
    }

    /// All their names, and the one before the first.
    pub(super) fn names(&self) -> Vec<BookingUid> {
        let former = self.first().rescheduled_from.clone();
        let names = self.links.iter().map(|link| link.uid.clone());
        former.into_iter().chain(names).collect()
    }
}
