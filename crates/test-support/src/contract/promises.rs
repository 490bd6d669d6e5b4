//! The macros that turn every promise into a test of its own, and a test that none is forgotten.

/// One test for every promise of the store's ports. `$make` names an `async fn` in scope that
/// returns a fresh [`StoreUnderTest`](crate::contract::StoreUnderTest).
#[macro_export]
macro_rules! store_contract {
    ($make:ident) => {
        $crate::promises! { $make =>
            appointments {
                a_claim_moves_to_who_is_free,
                two_claims_change_places,
                unequal_claims_change_places,
                a_wish_is_not_swapped_away,
                a_swap_that_does_not_fit_is_refused,
                a_swap_needs_somebody_who_performs_the_service,
                only_the_named_claim_is_assigned,
                the_other_must_not_land_on_the_other_claim,
                an_assignment_is_undone_with_its_unit,
                two_people_make_two_winners,
                concurrent_holds_never_overlap,
                holds_agree_with_a_plain_list,
                a_found_appointment_is_locked,
                a_hold_writes_everything_at_its_commit,
                nothing_remains_of_a_rollback,
                taken_writes_nothing,
                unequal_overlaps_are_refused,
                neighbours_are_accepted,
                buffers_count,
                choices_are_tried_in_order,
                places_are_counted,
                a_move_may_overlap_itself_only,
                a_move_that_is_refused_gives_the_new_time_back,
                a_move_to_the_same_beginning_keeps_both_lengths,
                a_slot_is_free_when_the_cancellation_is_through,
                a_stale_hold_is_refused,
                holds_keep_to_their_company,
                every_state_comes_back_as_saved,
                a_stale_save_is_refused,
                an_id_is_taken_once,
                old_names_still_lead_to_the_appointment,
                a_name_belongs_to_one_appointment,
                a_refused_save_leaves_nothing,
                saves_hand_on_every_event_once,
                a_foreign_id_is_not_found,
                several_writes_are_undone_together,
            }
            calls {
                what_is_told_of_a_call_is_joined,
                calls_are_listed_in_pages,
                calls_and_appointments_lead_to_each_other,
                companies_do_not_share_calls,
                calls_go_when_their_time_is_over,
                a_customers_calls_are_forgotten,
            }
            customers {
                the_number_decides_before_the_address,
                people_who_share_a_number_are_told_apart,
                a_short_name_grows,
                a_number_is_somebodys_own,
                a_said_address_makes_nobody_somebody,
                the_address_decides_next_and_gaps_are_filled,
                a_new_address_replaces_the_old,
                strangers_are_new,
                companies_do_not_share_customers,
                a_customer_is_undone_with_the_unit,
            }
            idempotency {
                a_key_is_new_running_finished,
                a_running_key_may_have_no_appointment_yet,
                refusals_are_kept,
                another_request_is_told_so,
                companies_do_not_share_keys,
                a_claim_is_undone_with_the_unit,
                one_of_many_goes_ahead,
            }
            inbox {
                a_delivery_is_filed_once,
                one_of_many_is_filed,
                what_waits_is_found_by_either_name,
                a_booking_is_read_once,
                settled_deliveries_are_filed_once,
                a_burst_is_filed_each_once,
                the_newest_of_the_quarantined_are_shown,
                companies_do_not_share_an_inbox,
            }
            history {
                events_are_told_before_and_after_the_relay,
                everything_is_told_in_order,
            }
            reviews {
                reviews_open_once_and_resolve_once,
                companies_do_not_share_reviews,
            }
            sagas {
                a_saga_waits_for_its_writer_first,
                a_lease_keeps_others_away,
                an_old_fence_is_refused,
                progress_is_undone_with_the_unit,
                what_is_over_rests,
                a_lease_by_name_takes_over,
                the_longest_due_come_first,
                what_waits_to_call_can_be_hastened,
                workers_share_nothing,
                companies_do_not_share_sagas,
                an_open_saga_is_found_by_its_appointment,
                attempts_are_kept_in_order,
            }
            jobs {
                a_job_is_leased_once,
                the_longest_due_come_first,
                an_old_fence_is_refused,
                a_lease_can_be_extended,
                what_failed_comes_back,
                what_is_given_back_is_free_and_not_counted,
                a_row_keeps_its_order,
                a_wish_waits_once,
                workers_share_no_jobs,
                a_job_is_undone_with_the_unit,
                an_unreadable_job_is_buried,
                the_dead_are_retried_or_discarded,
                waiting_jobs_can_be_steered,
                companies_do_not_share_jobs,
                lists_are_filtered_and_paged,
            }
            backlog {
                what_should_not_be_there_is_counted,
            }
            schedules {
                a_schedule_fires_once_for_each_time,
                one_of_many_instances_fires,
                a_changed_schedule_waits_for_its_new_time,
            }
            deliveries {
                a_message_is_filed_once_with_its_job,
                what_was_sent_stays_sent,
                the_history_tells_of_messages,
                customers_are_reached_by_what_there_is,
                what_happened_since_is_told,
                companies_do_not_share_messages,
            }
            campaigns {
                consent_is_kept_with_its_source,
                only_who_agreed_and_can_be_reached_is_chosen,
                segments_agree_with_the_rule,
                a_campaign_is_filed_once,
                campaigns_are_shown_with_their_counts,
            }
            records {
                an_event_is_written_down_once,
                what_is_over_is_found,
                only_what_is_over_is_pruned,
            }
            outbox {
                a_lease_keeps_others_away,
                what_is_delivered_is_over,
                one_appointment_is_told_by_one_relay,
                the_oldest_come_first,
                relays_share_nothing,
                late_commits_are_not_skipped,
            }
            queries {
                pages_are_complete_and_in_order,
                filters_narrow_the_list,
                filters_find_the_customer_and_add_up,
                the_window_keeps_what_overlaps_it,
                a_foreign_appointment_is_not_shown,
                live_claims_are_those_of_the_group_in_the_window,
            }
            setup {
                what_is_imported_is_loaded,
                companies_are_listed_and_kept_apart,
                a_second_import_changes_nothing,
                an_import_updates_and_keeps_the_rest,
                the_order_of_staff_is_kept,
                an_import_bumps_the_setup_version,
                regrouping_bumps_both_groups,
                groups_reach_over_what_is_not_named,
                foreign_ids_are_refused_whole,
            }
            regrouping {
                what_was_kept_before_a_change_is_not_believed,
            }
            api_keys {
                a_key_is_found_by_its_digest,
                keys_that_cannot_be_are_refused,
                a_key_is_taken_back_by_its_prefix,
                keys_are_listed_oldest_first,
                keys_of_a_file_are_imported,
            }
            versions {
                every_step_of_a_booking_bumps,
                nothing_else_is_bumped,
                a_stamp_is_a_sum_not_a_maximum,
                reach_crosses_midnight,
                both_sides_of_a_move_are_bumped,
                a_very_long_change_bumps_all_days,
                what_touches_no_time_bumps_nothing,
                a_refresh_sees_every_acknowledged_commit,
            }
            raised {
                a_commit_counts_what_it_raised,
                a_commit_counts_for_the_group_of_its_time,
                times_can_be_outdated,
                what_is_given_up_is_dated,
                what_is_given_up_for_months_is_dated_everywhere,
            }
        }
    };
}

/// One test for every promise of [`CallBudget`](booking_domain::ports::CallBudget). `$make` names an
/// `async fn` in scope that returns fresh budgets of a hundred calls a minute, as a
/// [`BudgetUnderTest`](crate::contract::BudgetUnderTest).
#[macro_export]
macro_rules! budget_contract {
    ($make:ident) => {
        $crate::promises! { $make =>
            budget {
                shares_are_of_all_calls,
                the_window_slides,
                a_pause_stops_everything,
                what_is_said_only_lowers,
                what_is_kept_back_is_a_share,
                accounts_do_not_share,
                a_clock_put_back_holds_nothing_up,
                who_ask_at_once_are_all_counted,
            }
        }
    };
}

/// One test for every promise of [`AvailabilityCache`](booking_domain::ports::AvailabilityCache).
/// `$make` names an `async fn` in scope that returns a fresh
/// [`CacheUnderTest`](crate::contract::CacheUnderTest).
#[macro_export]
macro_rules! cache_contract {
    ($make:ident) => {
        $crate::promises! { $make =>
            cache {
                what_was_put_is_found,
                a_newer_entry_replaces,
                an_entry_goes_when_it_expires,
                an_expired_entry_does_not_leave_the_old_one,
                a_tag_sweeps_its_day,
                a_window_across_midnight_has_both_tags,
                the_tags_of_a_change_sweep_every_touched_name,
                clearing_takes_one_event_type,
                the_overview_counts,
                sweeps_leave_nothing_behind,
                what_was_committed_is_found_and_swept,
                a_foreign_token_files_nothing,
                committing_twice_is_committing_once,
                a_commit_replaces,
                names_are_told_by_their_days,
                a_commit_beside_a_sweep_leaves_nothing,
                one_may_fill_a_name,
                beginning_twice_is_beginning_once,
                one_of_many_may_fill,
                a_sweep_takes_leases,
                a_neighbour_day_leaves_the_lease,
                a_lease_given_back_is_free,
                a_lease_runs_out,
            }
        }
    };
}

/// One test for every promise of [`MessageCarrier`](booking_domain::ports::MessageCarrier).
/// `$make` names an `async fn` in scope that returns a
/// [`CarrierUnderTest`](crate::contract::carriers::CarrierUnderTest).
#[macro_export]
macro_rules! carrier_contract {
    ($make:ident) => {
        $crate::promises! { $make =>
            carriers {
                every_kind_arrives,
                repeats_can_be_told,
                nobody_without_an_address,
                refusals_are_told_apart,
                too_late_is_unknown,
                errors_name_nobody,
                a_check_sends_nothing,
                many_at_once_all_arrive,
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! promises {
    ($make:ident => $($suite:ident { $($promise:ident,)+ })+) => {$(
        mod $suite {
            $(
                #[test]
                fn $promise() {
                    $crate::contract::run(async {
                        $crate::contract::$suite::$promise(super::$make().await).await;
                    });
                }
            )+
        }
    )+};
}

#[cfg(test)]
mod tests {
    /// Turns red when a promise is written but not listed above.
    #[test]
    fn no_promise_is_forgotten() {
        let here = include_str!("promises.rs");
        let suites = [
            include_str!("api_keys.rs"),
            include_str!("appointments/assigning.rs"),
            include_str!("appointments/contention.rs"),
            include_str!("appointments/holding.rs"),
            include_str!("appointments/saving.rs"),
            include_str!("budget.rs"),
            include_str!("cache/entries.rs"),
            include_str!("cache/filling.rs"),
            include_str!("cache/leases.rs"),
            include_str!("campaigns.rs"),
            include_str!("carriers.rs"),
            include_str!("customers.rs"),
            include_str!("deliveries.rs"),
            include_str!("idempotency.rs"),
            include_str!("inbox.rs"),
            include_str!("backlog.rs"),
            include_str!("jobs.rs"),
            include_str!("outbox.rs"),
            include_str!("schedules.rs"),
            include_str!("queries.rs"),
            include_str!("raised.rs"),
            include_str!("records.rs"),
            include_str!("regrouping.rs"),
            include_str!("reviews.rs"),
            include_str!("sagas.rs"),
            include_str!("setup.rs"),
            include_str!("versions.rs"),
        ];
        let mut found = 0;
        for line in suites.iter().flat_map(|suite| suite.lines()) {
            let Some(rest) = line.strip_prefix("pub async fn ") else {
                continue;
            };
            let name = rest.split('(').next().unwrap_or_default();
            assert!(
                here.contains(&format!(" {name},\n")),
                "{name} is not listed"
            );
            found += 1;
        }
        assert!(found > 80, "only {found} promises found");
    }
}
