use super::{Message, Text, VoidedBy, Wording};

pub fn text(message: &Message, wording: &Wording) -> Text {
    let (title, inside, outside) = match message {
        Message::PaymentHeld { .. }
        | Message::PaymentHeldForStaff { .. }
        | Message::NoCallComes { .. }
        | Message::PaymentPosted { .. }
        | Message::PaymentVoided { .. }
        | Message::MoneyReceived { .. } => about_money(message, wording),
        Message::CallComing { .. } | Message::MissedCall { .. } => about_a_call(message, wording),
        Message::ApplicationReceived { .. }
        | Message::MoreDocuments { .. }
        | Message::ApplicationApproved { .. }
        | Message::ApplicationDeclined { .. } => about_an_application(message),
        Message::WalletFrozen { .. }
        | Message::WalletFrozenByStop
        | Message::WalletUnfrozen
        | Message::NewSignIn { .. }
        | Message::PasswordChanged
        | Message::SecondFactorChanged => about_security(message, wording),
        Message::NumberFailed { .. } | Message::NumberChanged { .. } => about_the_number(message, wording),
    };
    Text {
        title: title.into(),
        inside,
        outside,
    }
}

type Parts = (&'static str, String, String);

fn about_money(message: &Message, wording: &Wording) -> Parts {
    let number = &wording.official_number;
    match message {
        Message::PaymentHeld { amount, payee, until } => (
            "一笔付款暂缓，我们会来电确认",
            format!(
                "付给{payee}的 {amount} 已暂缓，钱还没有转出。我们会从 {number} 来电；{} 之前没有确认就自动停止。",
                wording.time(*until)
            ),
            format!(
                "您有一笔付款已暂缓，我们会从 {number} 来电确认。请在应用里查看，我们绝不索要密码或验证码。"
            ),
        ),
        Message::PaymentHeldForStaff { amount, payee, until } => (
            "一笔付款暂缓",
            format!(
                "付给{payee}的 {amount} 已暂缓，钱还没有转出。我们现在不打电话，由工作人员核对；{} 之前没有放行就自动停止。您可以在应用里停止这一笔。",
                wording.time(*until)
            ),
            "您有一笔付款暂缓，由工作人员核对。我们不会为此来电。请打开应用查看。".to_owned(),
        ),
        Message::NoCallComes { amount, payee, until } => (
            "不会再打电话",
            format!(
                "付给{payee}的 {amount} 仍在暂缓，我们不会再为它打电话。您可以在应用里停止它；如果还想付，过些时候重新付一次。什么也不做，{} 之前它会自动停止。钱还没有转出。",
                wording.time(*until)
            ),
            "您有一笔付款仍在暂缓，我们不会再为它打电话。请在应用里查看，我们绝不索要密码或验证码。"
                .to_owned(),
        ),
        Message::PaymentPosted { amount, payee } => (
            "付款完成",
            format!("已付给{payee} {amount}。"),
            "您确认的付款已完成，详情请在应用里查看。".into(),
        ),
        Message::PaymentVoided { amount, payee, by } => (
            "付款已停止",
            format!("付给{payee}的 {amount} 没有转出：{}。", voided(*by)),
            format!("您的一笔付款没有转出：{}。详情请在应用里查看。", voided(*by)),
        ),
        Message::MoneyReceived { amount, payer } => (
            "收到一笔钱",
            format!("{payer}付给您 {amount}。"),
            "您收到一笔钱，请在应用里查看。".into(),
        ),
        other => unreachable!("{} is not about money", other.kind()),
    }
}

fn voided(by: VoidedBy) -> &'static str {
    match by {
        VoidedBy::Customer => "您停止了这笔付款",
        VoidedBy::Deadline => "到时限没有确认",
        VoidedBy::Staff => "我们的工作人员停止了这笔付款",
        VoidedBy::Freeze => "钱包已冻结",
    }
}

fn about_a_call(message: &Message, wording: &Wording) -> Parts {
    let number = &wording.official_number;
    match message {
        Message::CallComing { notice_link } => {
            let body = format!(
                "我们马上从 {number} 给您打电话。来电号码可能被冒充，请先打开这个页面核对：{notice_link} 我们绝不索要密码或验证码。"
            );
            ("我们马上给您打电话", body.clone(), body)
        }
        Message::MissedCall { notice_link } => {
            let body = format!("我们刚才从 {number} 打给您，没有接通。核对和后续安排：{notice_link}");
            ("刚才的来电没有接通", body.clone(), body)
        }
        other => unreachable!("{} is not about a call", other.kind()),
    }
}

fn about_an_application(message: &Message) -> Parts {
    match message {
        Message::ApplicationReceived { progress_link } => {
            let body = format!("我们收到了您的开户申请。随时查看进度：{progress_link}");
            ("申请已收到", body.clone(), body)
        }
        Message::MoreDocuments { progress_link } => {
            let body = format!("您的申请还缺材料，请在这里补交：{progress_link}");
            ("申请还缺材料", body.clone(), body)
        }
        Message::ApplicationApproved { welcome_link } => (
            "申请通过",
            "您的钱包已经开通。".into(),
            format!("您的申请通过了。24 小时内打开这个链接设置密码，只能用一次，请勿转发：{welcome_link}"),
        ),
        Message::ApplicationDeclined { progress_link } => {
            let body = format!("这次没能通过您的申请。原因和接下来可以怎么做：{progress_link}");
            ("申请没有通过", body.clone(), body)
        }
        other => unreachable!("{} is not about an application", other.kind()),
    }
}

fn about_the_number(message: &Message, wording: &Wording) -> Parts {
    let official = &wording.official_number;
    match message {
        Message::NumberFailed { number, wrong } => {
            let so_far = if *wrong {
                "运营商再次答复号码不存在，我们不再拨打"
            } else {
                "运营商答复号码不存在"
            };
            let body = format!(
                "我们打不通您的号码 {number}：{so_far}。请打开应用，在“安全”里的“电话号码”确认或更正。"
            );
            ("打不通您的号码", body.clone(), body)
        }
        Message::NumberChanged { number } => {
            let body = format!(
                "您的电话号码已改为 {number}：我们打这个号码找您，您也用它登录。如果不是您本人操作，请致电 {official}。"
            );
            ("电话号码已更改", body.clone(), body)
        }
        other => unreachable!("{} is not about the number", other.kind()),
    }
}

fn about_security(message: &Message, wording: &Wording) -> Parts {
    let number = &wording.official_number;
    match message {
        Message::WalletFrozen { by_customer: true } => {
            let body =
                "您冻结了钱包：钱转不出去，暂缓的付款已停止。在应用里用身份验证器可以解冻。".to_owned();
            ("钱包已冻结", body.clone(), body)
        }
        Message::WalletFrozen { by_customer: false } => {
            let body =
                format!("为了保护您，我们冻结了您的钱包：钱转不出去，暂缓的付款已停止。请致电 {number}。");
            ("钱包已冻结", body.clone(), body)
        }
        Message::WalletFrozenByStop => {
            let body = format!(
                "您停止了一笔付款，我们同时冻结了您的钱包：钱转不出去，暂缓的付款已停止。要解冻，请致电 {number}。"
            );
            ("钱包已冻结", body.clone(), body)
        }
        Message::WalletUnfrozen => {
            let body = format!("您的钱包已解冻。如果不是您本人操作，请立即致电 {number}。");
            ("钱包已解冻", body.clone(), body)
        }
        Message::NewSignIn { device, at } => (
            "新设备登录",
            format!(
                "{}，您的钱包在新设备“{device}”上登录。如果不是您，请马上冻结钱包并修改密码。",
                wording.time(*at)
            ),
            format!(
                "{}，您的钱包在新设备上登录。如果不是您，请马上打开应用冻结钱包，或致电 {number}。",
                wording.time(*at)
            ),
        ),
        Message::PasswordChanged => {
            let body = format!("您的密码已更改，其他登录都已退出。如果不是您，请立即致电 {number}。");
            ("密码已更改", body.clone(), body)
        }
        Message::SecondFactorChanged => {
            let body =
                format!("您的身份验证器已更换，几天内付款要在应用里签名。如果不是您，请立即致电 {number}。");
            ("身份验证器已更换", body.clone(), body)
        }
        other => unreachable!("{} is not about security", other.kind()),
    }
}
