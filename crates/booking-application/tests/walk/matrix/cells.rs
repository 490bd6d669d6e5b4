//! The cells: what can happen during each step, and how it must end.

use booking_application::NewsKind;
use booking_domain::saga::Refusal;
use booking_domain::time::Span;
use booking_test_support::builders::{monday, nine};

use super::cell::{Cell, Step};
use crate::script::{Act, Call, Gate};
use crate::world::two;

fn refusals() -> [(&'static str, Refusal); 3] {
    [
        ("refused: taken", Refusal::SlotTaken),
        (
            "refused: the wish is wrong",
            Refusal::Invalid("no".to_owned()),
        ),
        (
            "refused: the account is wrong",
            Refusal::Account("no".to_owned()),
        ),
    ]
}

/// What is the same for every step: the call, and whether it is undone by refusals.
fn common(step: Step, call: Call) -> Vec<Cell> {
    let cell =
        |name, acts: Vec<Act>| Cell::new(step, name, acts.into_iter().map(|act| (call, act)));
    let (before, after) = (Gate::new(), Gate::new());
    let (stolen, late) = (Gate::new(), Gate::new());
    let (stolen_opened, late_opened) = (stolen.clone(), late.clone());
    vec![
        cell("ok", vec![]),
        cell("not executed", vec![Act::NotExecuted; 3]),
        cell("timeout before the effect", vec![Act::Lost]),
        cell("timeout after the effect", vec![Act::DoUnheard]),
        cell(
            "timeout before, then after",
            vec![Act::Lost, Act::DoUnheard],
        ),
        cell("told by webhook inside the call", vec![Act::TellFirst]),
        cell("crash before the effect", vec![Act::HangThenFail(before)]).crashes(),
        cell("crash after the effect", vec![Act::DoThenHang(after)]).crashes(),
        cell(
            "worker stolen, its answer comes late",
            vec![Act::DoThenHang(stolen)],
        )
        .crashes()
        .then(move |stage| {
            let gate = stolen_opened.clone();
            Box::pin(async move {
                stage.seconds(70).await;
                gate.open();
                settle().await;
            })
        }),
        cell(
            "worker stolen, its call arrives late",
            vec![Act::HangThenDo(late)],
        )
        .crashes()
        .then(move |stage| {
            let gate = late_opened.clone();
            Box::pin(async move {
                stage.seconds(70).await;
                gate.open();
                settle().await;
            })
        }),
    ]
}

/// Lets the task that waited go on.
async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

pub(super) fn create() -> Vec<Cell> {
    let mut cells = common(Step::Create, Call::Create);
    for (name, refusal) in refusals() {
        cells.push(create_cell(name, vec![made(Act::Refuse(refusal))]).off());
    }
    for (name, refusal) in refusals() {
        let name = match name {
            "refused: taken" => "timeout before, then refused: taken",
            "refused: the wish is wrong" => "timeout before, then refused: wish",
            _ => "timeout before, then refused: account",
        };
        let acts = vec![made(Act::Lost), made(Act::Refuse(refusal))];
        let late = create_cell(name, acts).off();
        cells.push(late.asks(&["refused_late"]));
    }
    cells.extend(made_unclearly());
    cells.extend(called_off());
    cells
}

fn create_cell(name: &'static str, acts: Vec<(Call, Act)>) -> Cell {
    Cell::new(Step::Create, name, acts)
}

const fn made(act: Act) -> (Call, Act) {
    (Call::Create, act)
}

/// It was made, and that is not what Cal.com says.
fn made_unclearly() -> Vec<Cell> {
    vec![
        create_cell(
            "made, and said to be taken",
            vec![made(Act::DoRefused(Refusal::SlotTaken))],
        ),
        create_cell(
            "told by webhook, and said to be taken",
            vec![
                made(Act::TellThenRefuse(Refusal::SlotTaken)),
                (Call::Find, Act::Lag),
            ],
        ),
        create_cell(
            "made, and the list lags",
            vec![
                made(Act::DoUnheard),
                (Call::Find, Act::Lag),
                (Call::Find, Act::Lag),
                (Call::Find, Act::Lag),
            ],
        ),
        create_cell(
            "made, and nobody can look",
            vec![
                made(Act::DoUnheard),
                (Call::Find, Act::NotExecuted),
                (Call::Find, Act::Lost),
            ],
        ),
        create_cell(
            "given up, and made a day later",
            vec![made(Act::Refuse(Refusal::SlotTaken))],
        )
        .off()
        .asks(&["duplicate_at_calcom"])
        .then(|stage| {
            Box::pin(async move {
                stage.seconds(1).await;
                stage.world.clock.advance(Span::hours(23));
                stage.world.calendar.appears(nine(), stage.id());
            })
        }),
        create_cell(
            "made twice",
            vec![made(Act::DoUnheard), (Call::Find, Act::NotExecuted)],
        )
        .asks(&["duplicate_at_calcom"])
        .then(|stage| {
            Box::pin(async move {
                stage.world.calendar.appears(nine(), stage.id());
            })
        }),
        create_cell("made at another time", vec![made(Act::Lost)])
            .at(monday("09:30", 60))
            .asks(&["time_conflict"])
            .then(|stage| {
                Box::pin(async move {
                    stage
                        .world
                        .calendar
                        .appears(monday("09:30", 60), stage.id());
                })
            }),
    ]
}

/// It is taken back before its outcome is known.
fn called_off() -> Vec<Cell> {
    vec![
        create_cell(
            "called off while unknown",
            vec![made(Act::DoUnheard), (Call::Find, Act::Lag)],
        )
        .off()
        .then(|stage| {
            Box::pin(async move {
                stage.world.cancel(stage.id()).await.unwrap();
            })
        }),
        create_cell(
            "undone twice",
            vec![made(Act::DoUnheard), (Call::Find, Act::Lag)],
        )
        .off()
        .then(|stage| {
            Box::pin(async move {
                stage.world.cancel(stage.id()).await.unwrap();
                stage.world.cancel(stage.id()).await.unwrap();
                stage.seconds(5).await;
                stage.world.cancel(stage.id()).await.unwrap();
            })
        }),
        create_cell("undoing fails again and again", {
            let mut acts = vec![made(Act::DoUnheard), (Call::Find, Act::Lag)];
            acts.extend(vec![(Call::Cancel, Act::NotExecuted); 9]);
            acts
        })
        .off()
        .then(|stage| {
            Box::pin(async move {
                stage.world.cancel(stage.id()).await.unwrap();
            })
        }),
    ]
}

pub(super) fn reschedule() -> Vec<Cell> {
    let one = |name, acts: Vec<Act>| {
        let acts = acts.into_iter().map(|act| (Call::Reschedule, act));
        Cell::new(Step::Reschedule, name, acts)
    };
    let mut cells = common(Step::Reschedule, Call::Reschedule);
    for (name, refusal) in refusals() {
        cells.push(one(name, vec![Act::Refuse(refusal)]).at(nine()));
    }
    let mut failing = one(
        "lost, and booking again fails for a while",
        vec![Act::LoseIt],
    );
    failing
        .acts
        .extend(vec![(Call::Create, Act::NotExecuted); 4]);
    failing.acts.push((Call::Create, Act::DoUnheard));
    cells.extend([
        failing,
        one("run twice", vec![]).then(|stage| {
            Box::pin(async move {
                stage.world.reschedule(stage.id(), two()).await.unwrap();
            })
        }),
        one(
            "made, and said to be taken",
            vec![Act::DoRefused(Refusal::SlotTaken)],
        ),
        one("the booking is lost", vec![Act::LoseIt]),
        one("lost, and the new time is gone", vec![Act::LoseIt])
            .at(nine())
            .then(|stage| {
                Box::pin(async move {
                    for host in [501, 502] {
                        stage.world.calendar.stranger(two(), host);
                    }
                })
            }),
        one("lost, and both times are gone", vec![Act::LoseIt])
            .off()
            .asks(&["lost_in_move"])
            .then(|stage| {
                Box::pin(async move {
                    for host in [501, 502] {
                        stage.world.calendar.stranger(two(), host);
                        stage.world.calendar.stranger(nine(), host);
                    }
                })
            }),
    ]);
    cells.extend(changed_there());
    cells
}

/// Somebody changes it at Cal.com before our call is made.
fn changed_there() -> Vec<Cell> {
    let one = |name| {
        let act = (Call::Reschedule, Act::NotExecuted);
        Cell::new(Step::Reschedule, name, [act])
    };
    vec![
        one("moved elsewhere by somebody meanwhile")
            .at(monday("11:00", 60))
            .then(|stage| {
                Box::pin(async move {
                    let before = stage.world.calendar.live().remove(0);
                    let elsewhere = monday("11:00", 60).start();
                    stage.world.calendar.move_to(&before.uid, elsewhere);
                })
            }),
        one("called off by somebody meanwhile").off().then(|stage| {
            Box::pin(async move {
                let before = stage.world.calendar.live().remove(0);
                stage.world.calendar.call_off(&before.uid);
            })
        }),
        one("told by news before the call is made")
            .at(monday("11:00", 60))
            .then(|stage| {
                Box::pin(async move {
                    let before = stage.world.calendar.live().remove(0);
                    let elsewhere = monday("11:00", 60).start();
                    let moved = stage.world.calendar.move_to(&before.uid, elsewhere);
                    stage.world.tell(NewsKind::Rescheduled, &moved).await;
                })
            }),
    ]
}

pub(super) fn cancel() -> Vec<Cell> {
    let one = |name, acts: Vec<Act>| {
        let acts = acts.into_iter().map(|act| (Call::Cancel, act));
        Cell::new(Step::Cancel, name, acts)
    };
    let mut cells = common(Step::Cancel, Call::Cancel);
    for (name, refusal) in refusals() {
        cells.push(one(name, vec![Act::Refuse(refusal); 5]));
    }
    cells.extend([
        one("run twice", vec![Act::Lost]).then(|stage| {
            Box::pin(async move {
                stage.world.cancel(stage.id()).await.unwrap();
            })
        }),
        one("fails for an hour", vec![Act::NotExecuted; 9]),
        one("gone already", vec![Act::NotExecuted]).then(|stage| {
            Box::pin(async move {
                let there = stage.world.calendar.live().remove(0);
                stage.world.calendar.call_off(&there.uid);
            })
        }),
        one("moved by somebody meanwhile", vec![Act::NotExecuted]).then(|stage| {
            Box::pin(async move {
                let there = stage.world.calendar.live().remove(0);
                stage.world.calendar.move_to(&there.uid, two().start());
            })
        }),
        one(
            "told by news before the call is made",
            vec![Act::NotExecuted],
        )
        .then(|stage| {
            Box::pin(async move {
                let there = stage.world.calendar.live().remove(0);
                let off = stage.world.calendar.call_off(&there.uid);
                stage.world.tell(NewsKind::Cancelled, &off).await;
            })
        }),
    ]);
    cells
}
