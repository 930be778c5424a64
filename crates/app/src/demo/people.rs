//! Who and what there is in the demonstration: invented people, numbers that
//! nobody has, and an invented brand.

/// An appliance and the part that repairs it.
#[derive(Debug, PartialEq, Eq)]
pub struct Appliance {
    /// The code on its label.
    pub code: &'static str,
    /// What it is.
    pub name: &'static str,
    /// What breaks.
    pub part: &'static str,
    /// What that costs, in won.
    pub price: u32,
    /// What its owners say.
    pub symptoms: &'static [&'static str],
}

/// Who has something to repair: of all ages, with names long and short.
pub const CUSTOMERS: &[&str] = &[
    "김서연",
    "이준호",
    "박지민",
    "최은우",
    "정하늘",
    "윤미래",
    "한도윤",
    "서예린",
    "오세린",
    "배정숙",
    "남궁민지",
    "제갈윤",
    "Emily Carter",
    "응우옌 티 란",
    "허윤",
];

/// Who repairs.
pub const ENGINEERS: &[&str] = &["김도현", "장수빈", "류태경"];

/// Who looks after the parts.
pub const PARTS_KEEPER: &str = "권나래";

/// What is repaired; its parts are on the shelf.
pub const APPLIANCES: &[Appliance] = &[
    Appliance {
        code: "HB-RF870",
        name: "냉장고",
        part: "냉장고 온도센서",
        price: 12_000,
        symptoms: &["냉장이 안 돼요", "문을 닫아도 경고음이 나요"],
    },
    Appliance {
        code: "HB-WD21",
        name: "드럼세탁기",
        part: "배수펌프",
        price: 35_000,
        symptoms: &["탈수할 때 소음", "물이 새요"],
    },
    Appliance {
        code: "HB-AC07",
        name: "벽걸이 에어컨",
        part: "메인 PCB",
        price: 80_000,
        symptoms: &[
            "전원이 안 켜져요",
            "한 시간쯤 켜 두면 저절로 꺼지고, 다시 켜려면 벽에 있는 차단기를 내렸다가 올려야 \
             해요. 지난주부터 그랬고 리모컨 건전지는 새것으로 바꿔 봤어요.",
        ],
    },
    Appliance {
        code: "HB-AP05",
        name: "공기청정기",
        part: "팬모터",
        price: 28_000,
        symptoms: &["바람이 안 나와요", "전원이 안 켜져요"],
    },
    Appliance {
        code: "HB-DW12",
        name: "식기세척기",
        part: "도어패킹",
        price: 22_000,
        symptoms: &["물이 새요", "세제가 그대로 남아요"],
    },
];

/// What is repaired too, but its part is on its way.
pub const WAITED_FOR: Appliance = Appliance {
    code: "HB-TV65",
    name: "TV 65\"",
    part: "백라이트",
    price: 145_000,
    symptoms: &["화면이 안 나와요", "화면 아래쪽이 어두워요"],
};
