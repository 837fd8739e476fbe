"""The demo's citizens: invented people; with so few of them the same ones call again."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Citizen:
    """Somebody who calls; `shows_name` when their carrier sends the name along."""

    number: str
    name: str
    shows_name: bool = False


CITIZENS = (
    Citizen("13800001234", "王小明", shows_name=True),
    Citizen("13800002345", "李秀英"),
    Citizen("13900003456", "张伟", shows_name=True),
    Citizen("13900004567", "陈桂兰"),
    Citizen("02162345678", "浦东塘桥居委会", shows_name=True),
    Citizen("02154321098", "周建国"),
    Citizen("13700005678", "吴志强"),
    Citizen("13600006789", "郑美玲", shows_name=True),
    Citizen("15800007890", "孙丽华"),
    Citizen("18900008901", "欧阳震"),
    Citizen("17000009012", "钱学文"),
    Citizen("02167890123", "静安大宁路养老院", shows_name=True),
    Citizen("", ""),
)
"""The last one withholds the number."""
