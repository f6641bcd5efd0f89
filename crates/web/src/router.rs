use crate::guard::{UPLOAD_LIMIT, secure, visit};
use crate::ops::{count, customer_events, live, metrics, progress_events, ready};
use crate::state::AppState;
use crate::{customer, public, sign_in, staff};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{get, post};

/// The table of contents.
pub fn router(state: AppState) -> Router {
    let pages = customer_pages()
        .merge(sign_in_pages())
        .merge(public_pages())
        .merge(staff_pages())
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_this_way)
        .layer(from_fn_with_state(state.clone(), visit))
        .layer(from_fn_with_state(state.clone(), secure));
    let machine = Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/static/{*path}", get(public::static_file))
        .route("/sw.js", get(public::service_worker))
        .layer(map_response(crate::fault::plain))
        .layer(from_fn_with_state(state.clone(), secure));
    Router::new()
        .merge(machine)
        .merge(pages)
        .with_state(state.clone())
        .layer(from_fn_with_state(state.clone(), count))
        .nest("/api/v1", crate::api::router(state))
}

fn customer_pages() -> Router<AppState> {
    Router::new()
        .route("/", get(customer::home))
        .route("/receive", get(customer::receive))
        .route("/pay", get(customer::pay_form).post(customer::pay))
        .route("/pay/review", post(customer::review))
        .route("/top-up", get(customer::top_up_form).post(customer::top_up))
        .route("/payments/{id}", get(customer::payment))
        .route("/payments/{id}/receipt", get(customer::receipt))
        .route("/payments/{id}/confirm", post(customer::confirm))
        .route("/payments/{id}/stop", post(customer::stop))
        .route("/activity", get(customer::activity))
        .route("/notices", get(customer::notices))
        .route("/inbox", get(customer::inbox))
        .route("/security", get(customer::security))
        .route("/security/freeze", post(customer::freeze))
        .route("/security/unfreeze", post(customer::unfreeze))
        .route("/security/recovery-codes", post(customer::renew_codes))
        .route("/security/sign-out-others", post(customer::sign_out_others))
        .route(
            "/security/phone",
            get(customer::phone).post(customer::verify_phone),
        )
        .route("/events", get(customer_events))
        .route("/apply", get(customer::apply_form).post(customer::apply))
        .route("/apply/progress/{token}", get(customer::progress))
        .route("/apply/progress/{token}/events", get(progress_events))
        .route("/apply/progress/{token}/phone", post(customer::correct_phone))
        .route("/apply/progress/{token}/call-again", post(customer::call_again))
        .route("/apply/progress/{token}/call-time", post(customer::book_call))
        .route(
            "/apply/progress/{token}/documents",
            post(customer::supply_documents).layer(DefaultBodyLimit::max(UPLOAD_LIMIT)),
        )
        .route("/apply/progress/{token}/appeal", post(customer::appeal))
        .route("/apply/progress/{token}/withdraw", post(customer::withdraw))
        .route("/apply/progress/{token}/open", post(customer::open_wallet))
}

fn sign_in_pages() -> Router<AppState> {
    Router::new()
        .route("/sign-in", get(sign_in::sign_in_form).post(sign_in::sign_in))
        .route("/sign-in/code", get(sign_in::code_form).post(sign_in::enter_code))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/totp", get(sign_in::enrol_form).post(sign_in::confirm_enrolment))
        .route("/recover", get(sign_in::recover_form).post(sign_in::recover))
        .route(
            "/welcome/{token}",
            get(sign_in::welcome_form).post(sign_in::redeem_welcome),
        )
}

fn public_pages() -> Router<AppState> {
    Router::new()
        .route("/is-this-you", get(public::is_this_you))
        .route("/n/{token}", get(public::public_notice))
        .route("/language", post(public::language))
        .route("/offline", get(public::offline))
        .route("/manifest.webmanifest", get(public::manifest))
}

fn staff_pages() -> Router<AppState> {
    Router::new()
        .route("/staff", get(staff::overview))
        .route(
            "/staff/sign-in",
            get(sign_in::staff_sign_in_form).post(sign_in::staff_sign_in),
        )
        .route(
            "/staff/sign-in/password",
            get(sign_in::staff_password_form).post(sign_in::staff_change_password),
        )
        .route(
            "/staff/sign-in/code",
            get(sign_in::staff_code_form).post(sign_in::staff_enter_code),
        )
        .route(
            "/staff/totp",
            get(sign_in::staff_enrol_form).post(sign_in::staff_confirm_enrolment),
        )
        .route("/staff/sign-out", post(sign_in::staff_sign_out))
        .route("/staff/language", post(public::language))
        .route("/staff/cases", get(staff::cases))
        .route("/staff/cases/{id}", get(staff::case))
        .route("/staff/cases/{id}/number", post(staff::show_number))
        .route("/staff/payments", get(staff::payments))
        .route("/staff/payments/{id}", get(staff::payment))
        .route("/staff/payments/{id}/release", post(staff::ask_release))
        .route("/staff/payments/{id}/void", post(staff::ask_void))
        .route("/staff/applications", get(staff::applications))
        .route("/staff/applications/{id}", get(staff::application))
        .route("/staff/applications/{id}/files/{file}", get(staff::file))
        .route("/staff/applications/{id}/documents", post(staff::ask_documents))
        .route("/staff/applications/{id}/approve", post(staff::ask_approve))
        .route("/staff/applications/{id}/activate", post(staff::ask_activate))
        .route("/staff/applications/{id}/decline", post(staff::ask_decline))
        .route("/staff/wallets", get(staff::wallets))
        .route("/staff/wallets/find", post(staff::find_wallet))
        .route("/staff/wallets/{id}", get(staff::wallet))
        .route("/staff/wallets/{id}/freeze", post(staff::freeze))
        .route("/staff/wallets/{id}/unfreeze", post(staff::ask_unfreeze))
        .route(
            "/staff/wallets/{id}/number",
            get(staff::number_form).post(staff::ask_number),
        )
        .route("/staff/calls", get(staff::calls))
        .route("/staff/calls/{id}/recording.wav", get(staff::recording))
        .route("/staff/requests", get(staff::requests))
        .route("/staff/requests/{id}/approve", post(staff::approve))
        .route("/staff/requests/{id}/refuse", post(staff::refuse))
        .route("/staff/requests/{id}/withdraw", post(staff::withdraw))
        .route("/staff/members", get(staff::members))
        .route("/staff/members/{id}", get(staff::member))
        .route("/staff/members/{id}/reset", post(staff::ask_reset))
        .route("/staff/audit", get(staff::audit))
}

async fn nothing_here() -> crate::fault::Fault {
    crate::fault::Fault::not_found()
}

async fn not_this_way() -> crate::fault::Fault {
    crate::fault::Fault::new(crate::fault::Kind::Method)
}
