//! Webhooks that change nothing, filed many at a time.
//!
//! Most webhooks are echoes of what we did ourselves. A commit for each would be a flush for each:
//! so what arrives while one round runs shares the next. A round is one look at the appointments
//! and one insert, of several companies. No unit of work takes part in it: nothing but the inbox is
//! written, and what is not known to change nothing is not filed here.
//!
//! No guard is needed between the look and the insert: the news changes nothing *as of the look*,
//! and whatever happens to the appointment after that happened after the news.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use booking_domain::appointment::Appointment;
use booking_domain::ids::{AppointmentId, BookingUid, CompanyId};
use booking_domain::ports::{Delivery, DeliveryStatus, Filed, Judge, StoreError};
use sqlx::{PgConnection, PgPool};
use tokio::sync::{Mutex, mpsc, oneshot};
use uuid::Uuid;

use crate::rows::{AppointmentRow, to_db};

/// Two rounds may be under way, so that one reads while the other is flushed.
pub(crate) const CONNECTIONS: u32 = 2;
/// So many at most share a round.
const MOST: usize = 256;

/// Where deliveries are handed in. Cheap to clone; the rounds end with the last clone.
#[derive(Clone)]
pub(crate) struct Desk(mpsc::Sender<Item>);

struct Item {
    handed_in: HandedIn,
    judge: Judge,
}

struct HandedIn {
    company: CompanyId,
    delivery: Delivery,
    answer: oneshot::Sender<Result<Filed, StoreError>>,
}

/// A delivery that is known to change nothing.
struct Settled {
    item: HandedIn,
    status: DeliveryStatus,
    appointment: Option<AppointmentId>,
}

impl Desk {
    pub(crate) fn start(pool: PgPool) -> Self {
        let (desk, items) = mpsc::channel(MOST);
        let items = Arc::new(Mutex::new(items));
        for _ in 0..CONNECTIONS {
            tokio::spawn(run(items.clone(), pool.clone()));
        }
        Self(desk)
    }

    pub(crate) async fn file(
        &self,
        company: CompanyId,
        delivery: Delivery,
        judge: Judge,
    ) -> Result<Filed, StoreError> {
        let gone = || StoreError::Unavailable {
            action: "file a webhook",
            source: "the rounds have stopped".into(),
        };
        let (answer, filed) = oneshot::channel();
        let handed_in = HandedIn {
            company,
            delivery,
            answer,
        };
        let item = Item { handed_in, judge };
        self.0.send(item).await.map_err(|_| gone())?;
        filed.await.map_err(|_| gone())?
    }
}

async fn run(items: Arc<Mutex<mpsc::Receiver<Item>>>, pool: PgPool) {
    let mut round = Vec::with_capacity(MOST);
    loop {
        if items.lock().await.recv_many(&mut round, MOST).await == 0 {
            return;
        }
        // One connection for the round: each return to the pool is a question to the server.
        let names = names_of(&round);
        let looked = match pool.acquire().await {
            Ok(mut conn) => look(&mut conn, names).await.map(|known| (conn, known)),
            Err(error) => Err(error),
        };
        match looked {
            Ok((mut conn, known)) => {
                let settled = judged(round.drain(..), &known);
                if !settled.is_empty() {
                    insert(&mut conn, settled).await;
                }
            }
            Err(error) => {
                let round = round.drain(..).map(|item| item.handed_in);
                refuse(round, "look for appointments", error);
            }
        }
    }
}

type Known = HashMap<(CompanyId, String), Appointment>;

fn names_of(round: &[Item]) -> (Vec<i64>, Vec<String>) {
    let named = |item: &Item| {
        let HandedIn {
            company, delivery, ..
        } = &item.handed_in;
        let uid = delivery.uid.as_ref()?.expose().to_owned();
        Some((company.get(), uid))
    };
    round.iter().filter_map(named).unzip()
}

/// The appointments that bear the names, or ever bore them.
async fn look(
    conn: &mut PgConnection,
    (companies, names): (Vec<i64>, Vec<String>),
) -> Result<Known, sqlx::Error> {
    if names.is_empty() {
        return Ok(Known::new());
    }
    let links = sqlx::query!(
        r#"
        SELECT u.company_id, u.booking_uid, u.appointment_id
        FROM unnest($1::bigint[], $2::text[]) AS wanted (company_id, booking_uid)
        JOIN appointment_booking_uids u USING (company_id, booking_uid)"#,
        &companies,
        &names,
    )
    .fetch_all(&mut *conn)
    .await?;
    let owners: Vec<i64> = links.iter().map(|link| link.company_id).collect();
    let ids: Vec<Uuid> = links.iter().map(|link| link.appointment_id).collect();
    let rows = sqlx::query_as!(
        AppointmentRow,
        r#"
        SELECT a.company_id, a.id, a.branch_id, a.service_id, a.event_type_id, a.customer_id,
               a.wanted_staff_id, a.staff_id, a.starts_at, a.ends_at, a.reschedule_starts_at,
               a.reschedule_ends_at, a.time_zone, a.state, a.booking_uid, a.booking_source,
               a.sync_origin, a.sync_status, a.sync_error, a.review_reason,
               a.review_flagged_at, a.created_by, a.rescheduled_by, a.cancelled_by,
               a.cancelled_at, a.cancelled_origin, a.cancellation_reason, a.notes,
               a.metadata AS "metadata: _", a.remote_changed_at, a.version, a.created_at,
               a.updated_at, a.accepted_before, a.reschedule_reason
        FROM (SELECT DISTINCT company_id, id
              FROM unnest($1::bigint[], $2::uuid[]) AS wanted (company_id, id)) AS wanted
        JOIN appointments a USING (company_id, id)"#,
        &owners,
        &ids,
    )
    .fetch_all(&mut *conn)
    .await?;
    // One that cannot be read is as good as unknown here: the unit of work will say what is wrong.
    let found: HashMap<_, _> = rows
        .into_iter()
        .filter_map(|row| AppointmentRow::restore(row).ok())
        .map(|it| ((it.booking().company.get(), it.id().get()), it))
        .collect();
    Ok(links
        .into_iter()
        .filter_map(|link| {
            let appointment = found.get(&(link.company_id, link.appointment_id))?;
            let company = CompanyId::new(link.company_id);
            Some(((company, link.booking_uid), appointment.clone()))
        })
        .collect())
}

/// Those that change nothing; the others hear that they are undecided.
fn judged(round: impl Iterator<Item = Item>, known: &Known) -> Vec<Settled> {
    let mut settled = Vec::new();
    for Item {
        handed_in: item,
        judge,
    } in round
    {
        let name = item.delivery.uid.as_ref().map(BookingUid::expose);
        let appointment = name.and_then(|name| known.get(&(item.company, name.to_owned())));
        match judge(appointment) {
            None => drop(item.answer.send(Ok(Filed::Undecided))),
            Some((status, appointment)) => settled.push(Settled {
                item,
                status,
                appointment,
            }),
        }
    }
    settled
}

async fn insert(conn: &mut PgConnection, mut settled: Vec<Settled>) {
    // In one order everywhere: two rounds with the same keys must not wait for each other.
    settled.sort_by(|a, b| key_of(a).cmp(&key_of(b)));
    match insert_all(conn, &settled).await {
        Err(error) => refuse(
            settled.into_iter().map(|it| it.item),
            "file webhooks",
            error,
        ),
        Ok(mut new) => {
            for it in settled {
                let filed = if new.remove(&(it.item.company.get(), it.item.delivery.key)) {
                    Filed::New(it.status, it.appointment)
                } else {
                    Filed::Repeat
                };
                drop(it.item.answer.send(Ok(filed)));
            }
        }
    }
}

fn key_of(settled: &Settled) -> (CompanyId, &str) {
    (settled.item.company, &settled.item.delivery.key)
}

/// One statement, hence one transaction and one flush: the keys that are new.
async fn insert_all(
    conn: &mut PgConnection,
    settled: &[Settled],
) -> Result<HashSet<(i64, String)>, sqlx::Error> {
    let column = |of: fn(&Delivery) -> Option<String>| -> Vec<Option<String>> {
        settled.iter().map(|it| of(&it.item.delivery)).collect()
    };
    let text = |uid: &Option<BookingUid>| uid.as_ref().map(|uid| uid.expose().to_owned());
    let uids: Vec<_> = settled
        .iter()
        .map(|it| text(&it.item.delivery.uid))
        .collect();
    let former = |it: &Settled| text(&it.item.delivery.rescheduled_from);
    let formers: Vec<_> = settled.iter().map(former).collect();
    let sent = |it: &Settled| it.item.delivery.sent_at.map(to_db);
    let sent: Vec<_> = settled.iter().map(sent).collect();
    let received = |it: &Settled| to_db(it.item.delivery.received_at);
    let received: Vec<_> = settled.iter().map(received).collect();
    let companies: Vec<_> = settled.iter().map(|it| it.item.company.get()).collect();
    let status = |it: &Settled| it.status.as_str().to_owned();
    let statuses: Vec<_> = settled.iter().map(status).collect();
    let appointment = |it: &Settled| it.appointment.map(AppointmentId::get);
    let appointments: Vec<_> = settled.iter().map(appointment).collect();
    let rows = sqlx::query!(
        "INSERT INTO webhook_inbox (company_id, key, trigger, booking_uid, reschedule_uid, sent_at,
             received_at, status, appointment_id)
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[],
             $6::timestamptz[], $7::timestamptz[], $8::text[], $9::uuid[])
         ON CONFLICT (company_id, key) DO NOTHING
         RETURNING company_id, key",
        &companies,
        &column(|it| Some(it.key.clone())) as _,
        &column(|it| Some(it.trigger.clone())) as _,
        &uids as _,
        &formers as _,
        &sent as _,
        &received,
        &statuses,
        &appointments as _,
    )
    .fetch_all(&mut *conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.company_id, row.key))
        .collect())
}

/// Tells everybody of a round what went wrong.
fn refuse(round: impl Iterator<Item = HandedIn>, action: &'static str, error: sqlx::Error) {
    let error = Arc::new(error);
    for item in round {
        let refused = match &*error {
            sqlx::Error::Database(_) => Ok(Filed::Undecided),
            _ => Err(StoreError::Unavailable {
                action,
                source: Box::new(error.clone()),
            }),
        };
        drop(item.answer.send(refused));
    }
}
