"""Made-up complaints of the length that real calls have, and near-doubles of some of them.

Forty to four hundred characters, from sentences that are put together anew each time: several hundred
complaints tell of the same goods in the same words as far as real ones do, with their own place, time, price,
staff and talk. A double is told again by somebody else: other words, other numbers, sentences in another
order, one left out or added, letters mistyped.
"""

from __future__ import annotations

from random import Random


def _list(words: str) -> list[str]:
    return words.split("、")


GOODS = _list(
    "双开门冰箱、滚筒洗衣机、壁挂空调、智能手机、笔记本电脑、蓝牙耳机、电动自行车、扫地机器人、"
    "酸奶、白酒、茶叶、大米、月饼、奶粉、牛肉、鲜虾、蜂蜜、食用油、羽绒服、运动鞋、真皮沙发、"
    "实木衣柜、床垫、金项链、玉镯、近视眼镜、护肤套装、染发剂、减肥产品、保健床垫、儿童推车、"
    "学习平板、驾校课程、健身年卡、美发会员卡、英语培训、婚纱摄影、宽带套餐、二手汽车、"
    "新能源汽车、汽车轮胎、家庭装修、墙面漆、热水器、油烟机、瓷砖、宠物狗、鲜花礼盒、旅游团、"
    "酒店客房"
)
PLACES = _list(
    "人民广场、长虹路、前进路、汉江北路、檀溪路、航空路、春园西路、大庆东路、解放路、建设路、"
    "邓城大道、钻石大道、胜利街、荆州街、北街、鼓楼、万达、华洋堂、诸葛亮广场、火车站前广场、"
    "襄城南街、隆中大道、樊西、柿铺、米公祠旁"
)
SHOPS = _list(
    "旗舰店、专卖店、批发部、连锁超市、购物中心、直营店、便利店、商行、经营部、工作室、体验店、生鲜店"
)
NAMES = _list(
    "惠民、好邻居、云栖、汉北、青木、兰溪、逸程、早成、老河、金福、天润、百佳、鑫隆、万家、东风、"
    "玉泉、康乐、众邦、宏达、星海、锦绣、福满、江南、亿佳、顺达、美乐、同济、悦来、尚品、亨得利"
)
FAULTS = _list(
    "用了不到一周就不能正常工作、打开包装发现表面有明显划痕、里面有异物和一股霉味、"
    "与宣传的成分含量完全不符、生产日期被涂改过看不清楚、标签上没有厂名厂址、重量明显不足、"
    "颜色和样品相差很大、第二天就出现裂缝、使用时发出很大的噪音、充电一个晚上也充不满、"
    "反复维修三次还是老毛病、里面的配件少了两件、吃完以后全家拉肚子、"
    "送来的型号和合同上写的不一样、洗过一次就严重缩水掉色、屏幕中间出现一条亮线、"
    "经过检测被告知是翻新货、漏水把地板都泡坏了、气味刺鼻孩子头晕、约好的老师换了三个、"
    "教练一直不给安排时间、门店突然关门转让、临时加收了好几项费用、预订之后到店说没有房间"
)
ANSWERS = _list(
    "店员说这是人为损坏不在保修范围、老板说拆封以后概不退换、客服让等通知后来电话就打不通了、"
    "经理承诺三天处理结果拖到现在、对方只同意维修不同意退货、商家要求先交检测费才肯受理、"
    "店家把责任推给厂家让自己联系、售后说配件要等两个月、负责人态度恶劣当场把人赶出来、"
    "对方说活动商品不享受三包、店里说换了老板以前的卡不认、只愿意补偿一张代金券、"
    "门店说系统里查不到这笔订单、工作人员互相推诿没有人管、答应退款以后又反悔了"
)
WANTS = _list(
    "退还全部货款、更换一台新的、退一赔三、按食品安全法十倍赔偿、上门免费修好、赔偿误工和交通费、"
    "退还剩余费用、赔礼道歉并退款、补足缺少的数量、解除合同退还定金、承担鉴定检测费用、"
    "退还多收的钱"
)
EVIDENCE = _list(
    "手里有发票和付款记录、保留了小票和照片、有聊天记录可以提供、合同原件还在家中、"
    "拍了一段视频为证、只有微信转账截图、外包装和实物都没有扔、没有开发票但有会员卡消费记录"
)
ASIDES = _list(
    "当时是和邻居一起去买的、促销员说是最后一天特价、买来准备给老人过生日用、"
    "之前在这家店买过几次都没问题、打过两次热线都没有人回访、家里还有刚出生的孩子、"
    "同小区还有几户遇到同样情况、因为在外地上班只能委托家人去交涉、付款时要求开票被拒绝、"
    "当场就提出了异议但没有人理会、网上的评论也有很多人反映、现在门口还挂着打折的横幅、"
    "签字的时候没有让看条款、钱是用信用卡分期付的"
)
TIMES = ("后来", "上周", "隔天", "前天下午", "家里人", "国庆以后", "和朋友一起")
SPEAKERS = ("来电人", "本人", "投诉人", "消费者", "我", "市民", "女士来电反映其", "先生来电称")
SAME = {
    "购买": "买",
    "发现": "看到",
    "要求": "希望",
    "对方": "商家",
    "店员": "营业员",
    "老板": "店主",
    "退款": "退钱",
    "联系": "找",
    "说": "讲",
    "商家": "店家",
    "至今": "到现在",
    "没有": "没",
    "处理": "解决",
    "使用": "用",
    "付款": "交钱",
    "因为": "由于",
}
"""Words that people change when they tell it again."""
_TYPOS = "的地得在再做作以已他她那哪吗嘛是事"


def complaint(random: Random) -> list[str]:
    """Return the sentences of a made-up complaint."""
    month, day = random.randint(1, 12), random.randint(1, 28)
    if random.random() < 0.1:
        # said in one breath
        return [
            f"{random.choice(NAMES)}{random.choice(SHOPS)}卖的{random.choice(GOODS)}",
            random.choice(FAULTS),
            f"要求{random.choice(WANTS)}",
        ]
    opening = (
        f"{random.choice(SPEAKERS)}{month}月{day}日在{random.choice(PLACES)}的{random.choice(NAMES)}"
        f"{random.choice(SHOPS)}购买了{random.choice(GOODS)}，花费{random.randint(10, 9999)}元"
    )
    told = [opening, random.choice(FAULTS)]
    if random.random() < 0.35:
        told.append(f"同时{random.choice(FAULTS)}")
    told.append(random.choice(ANSWERS))
    told += random.sample(ASIDES, random.choice((0, 0, 1, 1, 2, 3, 6, 10)))
    for _time in range(random.choice((0, 0, 0, 1, 1, 2, 4))):
        told.append(f"{random.choice(TIMES)}第{random.randint(2, 5)}次去找，{random.choice(ANSWERS)}")
    if random.random() < 0.6:
        told.append(random.choice(EVIDENCE))
    told.append(f"要求{random.choice(WANTS)}")
    return told


def told_again(random: Random, told: list[str]) -> list[str]:
    """Return the complaint as somebody tells it the second time: three to five things are different."""
    again = [_other_numbers(random, one) for one in told]
    changes = [_words, _typing_errors, _swap, _leave_out, _add]
    for change in random.sample(changes, random.randint(2, 4)):
        again = change(random, again)
    return again


def text_of(told: list[str]) -> str:
    """Return the sentences as one text."""
    return "，".join(told) + "。"


def _other_numbers(random: Random, one: str) -> str:
    return "".join(str(random.randint(1, 9)) if sign.isdigit() else sign for sign in one)


def _words(_random: Random, told: list[str]) -> list[str]:
    for word, other in SAME.items():
        told = [one.replace(word, other) for one in told]
    return told


def _typing_errors(random: Random, told: list[str]) -> list[str]:
    """Mistype a letter in every twenty-five."""
    return [
        "".join(random.choice(_TYPOS) if random.random() < 0.04 else sign for sign in one) for one in told
    ]


def _swap(random: Random, told: list[str]) -> list[str]:
    middle = told[1:-1]
    random.shuffle(middle)
    return [told[0], *middle, told[-1]]


def _leave_out(random: Random, told: list[str]) -> list[str]:
    if len(told) < 5:
        return told
    left_out = random.randint(2, len(told) - 2)
    return told[:left_out] + told[left_out + 1 :]


def _add(random: Random, told: list[str]) -> list[str]:
    return [*told[:-1], random.choice(ASIDES), told[-1]]
