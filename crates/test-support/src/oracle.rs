//! Compares what clients were promised with what is stored and with what Cal.com has, when
//! everything has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use crate::journal::{Ending, Times, Wish};

/// An appointment in the store.
#[derive(Debug, Clone)]
pub struct Here {
    /// Its id.
    pub id: String,
    /// What the client calls it.
    pub name: String,
    /// `confirmed`, `cancelled`, …
    pub state: String,
    /// When.
    pub times: Times,
}

/// A live booking at Cal.com.
#[derive(Debug, Clone)]
pub struct There {
    /// Its uid.
    pub uid: String,
    /// The id of the appointment that it says it is.
    pub ours: String,
    /// What the client calls it.
    pub name: String,
    /// When.
    pub times: Times,
}

/// Everything, looked at when nothing moves any more.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    pub here: Vec<Here>,
    pub there: Vec<There>,
    /// Appointment and time of each claim.
    pub claims: Vec<(String, Times)>,
    /// Sagas that are not over, in words.
    pub open_sagas: Vec<String>,
}

/// States in which an appointment takes its time and nothing is under way.
const STANDING: [&str; 2] = ["confirmed", "scheduled"];

/// Every promise that is broken, in words; empty when all is well.
pub fn judge(wishes: &BTreeMap<String, Wish>, picture: &Picture) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, wish) in wishes {
        faults.extend(of_wish(name, wish, picture));
    }
    for it in &picture.here {
        faults.extend(of_appointment(it, picture));
    }
    faults.extend(of_bookings(picture));
    faults.extend(of_claims(picture));
    let sagas = picture.open_sagas.iter();
    faults.extend(sagas.map(|saga| format!("unfinished saga: {saga}")));
    faults
}

/// What was acknowledged is there and as promised; what was refused is not.
fn of_wish(name: &str, wish: &Wish, picture: &Picture) -> Option<String> {
    let mut of_this_name = picture.here.iter().filter(|it| it.name == name);
    let ending = match &wish.id {
        Some(id) => match of_this_name.find(|it| it.id == *id) {
            Some(it) => ending(it),
            None => return Some(format!("{name}: acknowledged as {id} and not in the store")),
        },
        None => of_this_name
            .map(ending)
            .find(|it| *it != Ending::Gone)
            .unwrap_or(Ending::Gone),
    };
    let fits = wish.endings.contains(&ending);
    (!fits).then(|| format!("{name}: ended {ending:?}, promised was {:?}", wish.endings))
}

fn ending(it: &Here) -> Ending {
    if it.state == "cancelled" {
        Ending::Gone
    } else {
        Ending::At(it.times.clone())
    }
}

/// A standing appointment is at Cal.com exactly once, at its time; any other not at all.
fn of_appointment(it: &Here, picture: &Picture) -> Option<String> {
    let stands = STANDING.contains(&it.state.as_str());
    if !stands && it.state != "cancelled" {
        return Some(format!("{it:?} is still under way"));
    }
    let there: Vec<_> = picture.there.iter().filter(|b| b.ours == it.id).collect();
    match (stands, &there[..]) {
        (true, [one]) if one.times == it.times => None,
        (false, []) => None,
        _ => Some(format!("{it:?} is at Cal.com as {there:?}")),
    }
}

/// Nothing lives at Cal.com that the store does not know.
fn of_bookings(picture: &Picture) -> Vec<String> {
    let known: BTreeSet<_> = picture.here.iter().map(|it| &it.id).collect();
    let unknown = picture.there.iter().filter(|it| !known.contains(&it.ours));
    unknown
        .map(|it| format!("{it:?} is at Cal.com and not in the store"))
        .collect()
}

/// Every claim belongs to a standing appointment and every standing appointment has one.
fn of_claims(picture: &Picture) -> Vec<String> {
    let standing = picture
        .here
        .iter()
        .filter(|it| STANDING.contains(&it.state.as_str()));
    let mut wanted: Vec<_> = standing
        .map(|it| (it.id.clone(), it.times.clone()))
        .collect();
    let mut faults = Vec::new();
    for claim in &picture.claims {
        match wanted.iter().position(|it| it == claim) {
            Some(at) => drop(wanted.swap_remove(at)),
            None => faults.push(format!("the claim {claim:?} has no appointment")),
        }
    }
    faults.extend(
        wanted
            .iter()
            .map(|it| format!("{it:?} stands without a claim")),
    );
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(id: &str, state: &str) -> Here {
        let (id, name) = (id.to_owned(), format!("name {id}"));
        let (state, times) = (state.to_owned(), 1..2);
        Here {
            id,
            name,
            state,
            times,
        }
    }

    fn there(ours: &str, times: Times) -> There {
        let (uid, name) = (format!("uid {ours}"), format!("name {ours}"));
        let ours = ours.to_owned();
        There {
            uid,
            ours,
            name,
            times,
        }
    }

    /// One that stands, one that is cancelled, one that was refused.
    fn sound() -> (BTreeMap<String, Wish>, Picture) {
        let wish = |name: &str, id: Option<&str>, ending| {
            let id = id.map(str::to_owned);
            (
                format!("name {name}"),
                Wish {
                    id,
                    endings: vec![ending],
                },
            )
        };
        let wishes = BTreeMap::from([
            wish("a", Some("a"), Ending::At(1..2)),
            wish("b", Some("b"), Ending::Gone),
            wish("c", None, Ending::Gone),
        ]);
        let picture = Picture {
            here: vec![here("a", "confirmed"), here("b", "cancelled")],
            there: vec![there("a", 1..2)],
            claims: vec![("a".to_owned(), 1..2)],
            open_sagas: Vec::new(),
        };
        (wishes, picture)
    }

    /// Red when one of the comparisons is left out: each change breaks one promise.
    #[test]
    fn each_broken_promise_is_seen() {
        let (wishes, picture) = sound();
        assert_eq!(judge(&wishes, &picture), [""; 0]);
        let broken = |text: &str, break_it: fn(&mut Picture)| {
            let mut broken = picture.clone();
            break_it(&mut broken);
            let faults = judge(&wishes, &broken);
            let is_seen = faults.iter().any(|it| it.contains(text));
            assert!(is_seen, "{text}: {faults:?}");
        };
        broken("not in the store", |it| it.here.truncate(0));
        broken("promised was [At(1..2)]", |it| {
            it.here[0] = here("a", "cancelled");
        });
        broken("promised was [Gone]", |it| {
            it.here[1] = here("b", "confirmed");
        });
        broken("promised was [Gone]", |it| {
            it.here.extend([here("c", "confirmed")]);
        });
        broken("still under way", |it| it.here[0] = here("a", "pending"));
        broken("is at Cal.com as []", |it| it.there.clear());
        broken("is at Cal.com as [There", |it| {
            it.there.extend([there("a", 1..2)]);
        });
        broken("is at Cal.com as [There", |it| it.there[0].times = 3..4);
        broken("and not in the store", |it| {
            it.there.extend([there("x", 1..2)]);
        });
        broken("has no appointment", |it| {
            it.claims.extend([("b".to_owned(), 1..2)]);
        });
        broken("stands without a claim", |it| it.claims.clear());
        let open_sagas = vec!["create".to_owned()];
        let broken = Picture {
            open_sagas,
            ..picture
        };
        assert_eq!(judge(&wishes, &broken), ["unfinished saga: create"]);
    }
}
