//! Lists: both forms of paging, filters that are not kept, lists that do not end.

use booking_domain::appointment::RemoteStatus;
use booking_domain::ports::CalendarPort;
use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::support::{account, booking, class, client, self_hosted, wanted};

fn page(rows: &[Value], pagination: &Value) -> Reply {
    Reply::ok(&json!({"status": "success", "data": rows, "pagination": pagination}))
}

fn with(mut row: Value, name: &str, value: Value) -> Value {
    row[name] = value;
    row
}

/// Turns red when a page is left out, when the filters are trusted, or when a state is dropped.
#[tokio::test]
async fn cursors_are_followed_to_the_end_and_rows_filtered_again() {
    let server = Server::start(vec![
        page(
            &[
                booking("a", "accepted"),
                with(booking("b", "accepted"), "eventTypeId", json!(78)),
            ],
            &json!({"nextCursor": "abc/=", "hasMore": true}),
        ),
        page(
            &[
                booking("a", "accepted"),
                with(
                    booking("c", "accepted"),
                    "end",
                    json!("2030-03-12T15:50:00Z"),
                ),
                with(json!({"uid": null}), "start", json!("2030-03-12T15:00:00Z")),
            ][..2],
            &json!({"nextCursor": "def", "hasMore": true}),
        ),
        page(
            &[booking("d", "cancelled"), booking("e", "pending")],
            &json!({"nextCursor": null, "hasMore": false}),
        ),
    ])
    .await;
    let found = client()
        .find(&account(&server.url()), &wanted())
        .await
        .unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|it| (it.uid.expose(), it.status))
        .collect();
    assert_eq!(
        found,
        [
            ("a", RemoteStatus::Accepted),
            ("d", RemoteStatus::Cancelled),
            ("e", RemoteStatus::Pending),
        ]
    );
    let asked = server.asked();
    let cursors: Vec<_> = asked.iter().map(|it| it.parameter("cursor")).collect();
    assert_eq!(
        cursors,
        [None, Some("abc/=".to_owned()), Some("def".to_owned())]
    );
    for (name, value) in [
        ("eventTypeId", Some("77")),
        ("afterStart", Some("2030-03-12T15:00:00Z")),
        ("beforeEnd", Some("2030-03-12T15:45:00Z")),
        ("limit", Some("100")),
        ("status", None),
        ("take", None),
    ] {
        assert_eq!(asked[2].parameter(name).as_deref(), value, "{name}");
    }
}

#[tokio::test]
async fn offsets_are_followed_to_the_end() {
    let server = Server::start(vec![
        page(
            &[booking("a", "accepted")],
            &json!({"returnedItems": 250, "hasNextPage": true}),
        ),
        page(&[booking("b", "rejected")], &json!({"hasNextPage": false})),
    ])
    .await;
    let found = self_hosted()
        .find(&account(&server.url()), &wanted())
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    let asked = server.asked();
    let skips: Vec<_> = asked
        .iter()
        .map(|it| it.parameter("skip").unwrap())
        .collect();
    assert_eq!(skips, ["0", "250"]);
    assert_eq!(asked[0].parameter("take").as_deref(), Some("250"));
    assert_eq!(asked[0].parameter("limit"), None);
}

/// Turns red when the end of a list is taken from the rows alone.
#[tokio::test]
async fn lists_without_word_of_the_next_page_end() {
    for client in [client(), self_hosted()] {
        for pagination in [json!(null), json!("odd"), json!({"hasMore": true})] {
            let server = Server::start(vec![page(&[booking("a", "accepted")], &pagination)]).await;
            let found = client
                .find(&account(&server.url()), &wanted())
                .await
                .unwrap();
            assert_eq!((found.len(), server.asked().len()), (1, 1), "{pagination}");
        }
    }
}

/// Turns red when an endless list is cut off, as if that were all.
#[tokio::test]
async fn an_endless_list_is_no_answer() {
    let forever = json!({"nextCursor": "same", "hasMore": true, "hasNextPage": true});
    for client in [client(), self_hosted()] {
        let server = Server::start(vec![page(&[booking("a", "accepted")], &forever)]).await;
        let outcome = client.find(&account(&server.url()), &wanted()).await;
        assert_eq!(class(outcome), "unreadable");
        assert!(server.asked().len() <= 100);
    }
}

/// Turns red when an unreadable row is skipped: it may be the booking that is looked for.
#[tokio::test]
async fn one_unreadable_booking_of_the_window_spoils_the_list() {
    let end = json!({"hasMore": false});
    for (name, odd, expected) in [
        ("uid", json!(null), "unreadable"),
        ("status", json!("odd"), "unreadable"),
        ("start", json!(null), "unreadable"),
        ("metadata", json!(null), "done"),
        ("eventTypeId", json!(null), "done"),
    ] {
        let row = with(booking("a", "accepted"), name, odd);
        let server = Server::start(vec![page(&[row], &end)]).await;
        let outcome = client().find(&account(&server.url()), &wanted()).await;
        assert_eq!(class(outcome), expected, "{name}");
    }
    // Outside the window it does not matter.
    let far = with(booking("a", "odd"), "start", json!("2030-03-12T14:00:00Z"));
    let server = Server::start(vec![page(&[far], &end)]).await;
    let found = client()
        .find(&account(&server.url()), &wanted())
        .await
        .unwrap();
    assert!(found.is_empty());
}
