"""The sentence of every refusal by its code, Chinese and English; `{name}` are the parameters it carries."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # Files
    "no_such_file": ("没有文件 {file}", "There is no file {file}"),
    "file_unreadable": ("无法读取 {file}：不是可识别的空间数据文件", "{file} cannot be read: no spatial file we know"),
    "file_without_outlines": ("{file} 中没有图形", "{file} holds no outlines"),
    "file_ending": ("文件名应以 {allowed} 之一结尾", "The name of the file should end with one of {allowed}"),
    "file_kind": (
        "不读取 {file} 这类文件；可读取 {allowed}",
        "{file} is of a kind that is not read; those read end with {allowed}",
    ),
    "file_content": (
        "{file} 的内容不是 {ending} 应有的内容，未打开",
        "{file} does not hold what a name ending with {ending} says, and was not opened",
    ),
    "file_is_folder": ("{file} 是文件夹或设备，不是文件", "{file} is a folder or a device, not a file"),
    "file_part_missing": (
        "缺少 {part}：Shapefile 由多个同名文件组成，请一并提供",
        "{part} is missing: a shapefile is several files of one name, which belong together",
    ),
    "file_cut": (
        "{file} 不完整：只读到 {features} 个要素，少于其所注明的",
        "{file} is not whole: only {features} features could be read, fewer than it says it has",
    ),
    "file_in_use": (
        "{file} 有未写入的更改（{file}-wal）；请先关闭打开它的程序",
        "{file} has changes that are not in it yet ({file}-wal); close the program that has it open",
    ),
    "file_computes": (
        "{file} 中的 {table} 是视图、虚拟表或含计算列；请导出为普通表",
        "{table} in {file} is a view or is worked out when read; export it as a plain table",
    ),
    "file_too_large": ("{file} 超过 {most} 字节", "{file} is larger than {most} bytes"),
    "file_too_heavy": (
        "读取 {file} 超出限度（{s} 秒、{mb} MB），已停止；请分成较小的文件",
        "Reading {file} took more than {s} s or {mb} MB and was stopped; split it into smaller files",
    ),
    "too_many_features": (
        "{file} 中的要素多于 {most} 个，请分成较小的文件",
        "{file} holds more than {most} features; split it into smaller files",
    ),
    "file_not_features": (
        "{file} 应为 GeoJSON 的 FeatureCollection 或 Feature，实为 {type}",
        "{file} should be a FeatureCollection or a Feature of GeoJSON, and is {type}",
    ),
    "file_not_utf8": ("{file} 中的文字不是 UTF-8 编码", "The texts of {file} are not UTF-8, as its format demands"),
    "layer_needed": (
        "{file} 有多个图层，请用 --layer 指定其一：{layers}",
        "{file} has several layers; name one with --layer: {layers}",
    ),
    "layer_unknown": ("没有图层 {layer}；有：{layers}", "There is no layer {layer}; there are: {layers}"),
    "encoding_unclear": (
        "无法确定 {file} 的文字编码（文件注明：{declared}；读来像：{likely}）；请用 --encoding 指定",
        "The encoding of the texts of {file} is not certain (it says {declared}, it reads as {likely});"
        " say it with --encoding",
    ),
    "encoding_wrong": ("{file} 的文字不是 {encoding} 编码", "The texts of {file} are not in the encoding {encoding}"),
    "encoding_read": ("文字按 {encoding} 读取", "Texts were read as {encoding}"),
    "texts_cut": (
        "{count} 处文字因字段过短末字残缺，已略去该字",
        "{count} texts end within a character, as their field was too short; it was left out",
    ),
    "text_garbled": (
        "文字已成乱码（{text}），原文可能是：{likely}",
        "The text was garbled by a wrong encoding ({text}); it may have been: {likely}",
    ),
    "crs_read": ("坐标系：{crs}", "Reference system: {crs}"),
    "crs_overridden": (
        "文件注明 {own}，已按指定的 {crs} 读取",
        "The file names {own}; it was read in {crs}, as you said",
    ),
    "crs_old_datum": (
        "{crs} 与 2000 国家大地坐标系相差可达百米；未使用当地转换参数，请核对位置",
        "{crs} lies up to 100 m beside CGCS2000; no local parameters were applied, check where the units lie",
    ),
    "zone_in_easting": (
        "坐标 [{x}, {y}] 无法换算：东坐标带有带号，而坐标系 {crs} 不带；可能是 {likely}",
        "[{x}, {y}] cannot be projected: the easting carries a zone number, the system named ({crs}) does not;"
        " it is likely {likely}",
    ),
    "zone_missing": (
        "坐标 [{x}, {y}] 无法换算：东坐标不带带号，而坐标系 {crs} 带有带号；可能是 {likely}",
        "[{x}, {y}] cannot be projected: the easting carries no zone number, the system named ({crs}) does;"
        " it is likely {likely}",
    ),
    "zone_differs": (
        "坐标 [{x}, {y}] 无法换算：东坐标的带号与坐标系 {crs} 的带号不同；可能是 {likely}",
        "[{x}, {y}] cannot be projected: the easting carries the number of another zone than the system named ({crs});"
        " it is likely {likely}",
    ),
    "north_before_east": (
        "坐标 [{x}, {y}] 的北坐标写在了东坐标之前；{crs} 的文件先东后北，请将两者对调",
        "[{x}, {y}] has the northing before the easting; a file of {crs} has the easting first: swap the two",
    ),
    "degrees_in_metres": (
        "坐标 [{x}, {y}] 是度，而坐标系 {crs} 以米计；可能是 {likely}",
        "[{x}, {y}] are degrees, and the system named ({crs}) is in metres; it is likely {likely}",
    ),
    "metres_in_degrees": (
        "坐标 [{x}, {y}] 是米，而坐标系 {crs} 以度计；可能是 {likely}",
        "[{x}, {y}] are metres, and the system named ({crs}) is in degrees; it is likely {likely}",
    ),
    "not_in_system": (
        "坐标 [{x}, {y}] 不在坐标系 {crs} 之内；可能是 {likely}",
        "[{x}, {y}] lies nowhere in {crs}; it is likely {likely}",
    ),
    "file_exists": ("{file} 已存在，未改动", "{file} is there already and stays"),
    "more_faults": ("另有 {count} 处问题", "{count} more faults"),
    "id_doubled": (
        "文件中有几个要素的 id 都是 {whole}，不知是哪一个",
        "Several features of the file have the id {whole}: which of them is not known",
    ),
    "whole_refused": ("其上级 {whole} 未能登记", "What it belongs to, {whole}, was refused"),
    "crs_missing": (
        "{file} 未注明坐标系；请用 --crs 指定，例如 EPSG:4490",
        "{file} names no reference system; say it with --crs, e.g. EPSG:4490",
    ),
    "crs_unknown": ("没有坐标系 {crs}；例如 EPSG:4490", "There is no reference system {crs}; e.g. EPSG:4490"),
    # Requests
    "unknown_parameter": ("没有参数 {name}；可用参数：{known}", "There is no parameter {name}; there are: {known}"),
    "query_form": (
        "查询应为百分号编码的 UTF-8：name=value&…，最多 {most} 个参数",
        "The query should be percent-encoded UTF-8, name=value&…, with at most {most} parameters",
    ),
    "no_null": ("没有 null 值；不用时请省去该参数", "There is no null here; leave the parameter out"),
    "repeated_parameter": ("参数 {name} 只能出现一次", "The parameter {name} may stand once only"),
    "request_form": ("请求格式有误", "The request has not the form of one"),
    "too_many_members": (
        "请求体的对象中共有 {members} 个字段，最多 {most} 个",
        "The objects of the body have {members} fields, at most {most}",
    ),
    "too_many_values": ("请求体中共有 {values} 个值，最多 {most} 个", "The body has {values} values, at most {most}"),
    "json_malformed": ("请求体不是合法的 JSON（第 {byte} 字节）", "The body is not JSON (byte {byte})"),
    "json_repeated_name": (
        "JSON 对象中 {name} 出现了不止一次",
        "{name} stands more than once in an object of the JSON",
    ),
    "body_cut_short": ("请求体不完整，只收到 {byte} 字节", "The body broke off after {byte} bytes"),
    "body_too_slow": (
        "请求体未及时到达；至少应为每秒 {least} 字节",
        "The body did not come in time; at least {least} bytes a second should",
    ),
    "json_no_nan": (
        "JSON 中没有 NaN 或 Infinity；未知的值请写 null",
        "JSON knows no NaN or Infinity; write null for unknown",
    ),
    "json_too_deep": ("JSON 嵌套过深", "The JSON is nested too deeply"),
    "not_utf8": ("请求体应为 UTF-8 编码（第 {byte} 字节有误）", "The body should be UTF-8 (byte {byte} is not)"),
    "body_missing": ("缺少请求体", "A body is needed"),
    "body_unexpected": ("此操作不接受请求体", "This operation takes no body"),
    "content_type": ("内容类型应为 {allowed}", "The content type should be {allowed}"),
    "content_coding": ("请不要压缩请求体", "The body should not be compressed"),
    "body_too_large": ("请求体超过上限 {most} 字节", "The body is larger than {most} bytes"),
    "key_form": (
        "Idempotency-Key 应为 1–255 个可见 ASCII 字符",
        "An Idempotency-Key has 1 to 255 printable ASCII characters",
    ),
    "key_reused": (
        "此 Idempotency-Key 已用于另一请求，请换新的",
        "This Idempotency-Key came with another request; use a new one",
    ),
    "key_in_use": ("相同的请求正在处理，请稍后重试", "The same request is being handled; try again shortly"),
    "if_match_missing": ("修改须带 If-Match，值为读取时的 ETag", "A change needs If-Match with the ETag that was read"),
    "stale": (
        "记录已是第 {current} 版，请重新读取后再改",
        "The record is at revision {current}; read it again, then change it",
    ),
    "tags_form": (
        '应为 *，或以逗号分隔、带双引号的 ETag，如 "3", "4"',
        'Give * or ETags in double quotes with commas between, such as "3", "4"',
    ),
    "cursor": ("分页游标无效；请从第一页重新开始", "The cursor is not valid for this query; start from the first page"),
    "bbox": (
        "bbox 应为 4 个数：西,南,东,北（度，先经度后纬度）",
        "bbox has 4 numbers: west,south,east,north in degrees, longitude first",
    ),
    "bbox_order": ("bbox 的南界应小于北界", "The south of a bbox lies below its north"),
    "near": ("near 应为：经度,纬度", "near is longitude,latitude in degrees"),
    "needs_other": ("须同时给出 {other}", "Needs {other} as well"),
    "period_reversed": ("from 不得晚于 to", "from may not lie after to"),
    "as_of_form": (
        "as_of 应为日期（2025-06-30）或带时区的时刻（2025-06-30T12:00:00+08:00）",
        "as_of is a day (2025-06-30) or an instant with its zone (2025-06-30T12:00:00+08:00)",
    ),
    "other_stage": ("不属于 {stage} 这一步", "Does not belong to the step to {stage}"),
    "as_of_future": ("as_of 不得晚于现在", "as_of may not lie in the future"),
    "route_missing": (
        "没有这个地址；接口说明见 /api/v1/openapi.json",
        "There is no such address; see /api/v1/openapi.json",
    ),
    "method": ("此地址不支持该方法；可用：{allowed}", "This address does not take that method; it takes: {allowed}"),
    # Who
    "sign_in": ("请登录，或提供 API 密钥", "Sign in, or give an API key"),
    "wrong_login": ("用户名或密码不正确", "Login or password is wrong"),
    "token_invalid": ("令牌或密钥无效、已过期或已撤销", "The token or key is not valid, has expired or was revoked"),
    "refresh_spent": ("刷新令牌无效或已用过，请重新登录", "The refresh token is not valid or was used; sign in again"),
    "mandate_needed": (
        "须先得到该企业的授权：请企业授权给贵园区（POST /api/v1/firms/…/mandates），或请管理员凭书面授权登记",
        "The firm has to give your park a mandate first: ask it for one (POST /api/v1/firms/…/mandates), "
        "or have an admin record one given on paper",
    ),
    "mandate_withdrawn": ("该授权已撤回", "This mandate is withdrawn already"),
    "not_yours": ("您可以看到它，但无权进行此操作", "You may see this, but not do that to it"),
    "no_such": ("没有这条记录", "There is no such record"),
    "no_such_park": ("没有这个园区", "There is no such park"),
    "too_many_logins": (
        "登录尝试过多，请 {retry_after_s} 秒后再试",
        "Too many tries to sign in; try again in {retry_after_s} s",
    ),
    "too_many": ("请求过于频繁，请 {retry_after_s} 秒后再试", "Too many requests; try again in {retry_after_s} s"),
    "login_form": (
        "用户名为 2–64 个小写字母、数字或 . _ @ -",
        "A login has 2 to 64 lower-case letters, digits or . _ @ -",
    ),
    "password_length": ("密码长度应为 {least}–{most} 个字符", "A password has {least} to {most} characters"),
    "password_common": (
        "该密码太容易被猜到（常见密码、词语、日期、键盘顺序或用户名），请换一个",
        "This password is guessed soon (a common one, a word, a date, a row of keys, the login); take another",
    ),
    "key_too_long": ("密钥最长有效一年，不得晚于 {latest}", "A key works a year at most: not beyond {latest}"),
    "firm_account_names_firm": (
        "企业账号须且只能指定企业",
        "A firm's account names a firm, and only such an account does",
    ),
    "staff_account_names_parks": (
        "园区人员账号须且只能指定园区",
        "A staff account names parks, and only such an account does",
    ),
    # Availability of the service
    "busy": ("系统繁忙，请稍后重试", "The service is busy; try again shortly"),
    "try_again": ("与其他操作冲突，请重试", "Crossed another operation; try again"),
    "database_away": ("数据库暂时无法访问", "The database does not answer at the moment"),
    "one_host": ("请求须恰有一个 Host", "A request names one host, once"),
    "storage_full": ("存储空间已满，暂不能写入", "The storage is full; nothing can be written for now"),
    "internal": ("出错了，已记录；编号 {request_id}", "Something went wrong and was recorded; number {request_id}"),
    # The feed and webhooks
    "position": ("位置无效", "The position is not one of this service"),
    "feed_restarted": (
        "数据库已从备份恢复，此位置失效：请重新读取所需记录，再以 after=now 继续",
        "The database was restored and this position means nothing now: read the records you need anew, "
        "then go on with after=now",
    ),
    "too_many_streams": (
        "同时打开的数据流最多 {most} 个，请先关闭一个",
        "At most {most} streams may be open at once; close one first",
    ),
    "url_form": (
        "应为 https://主机/路径，仅可见 ASCII 字符，不含用户名与片段",
        "Should be https://host/path in printable ASCII, without user name or fragment",
    ),
    "url_https": ("须使用 https", "Has to be https"),
    "url_unresolvable": ("无法解析主机名 {host}", "The host {host} cannot be resolved"),
    "url_address": (
        "{host} 指向内部或保留地址，不能接收通知",
        "{host} points to an internal or reserved address, which may not be called",
    ),
    "too_many_webhooks": ("最多 {most} 个 webhook，请先删除一个", "At most {most} webhooks; delete one first"),
    # Values
    "unknown_field": ("没有这个字段", "There is no such field"),
    "read_only": ("此字段由系统计算，不能填写", "This field is computed and cannot be written"),
    "missing": ("必填", "This field is required"),
    "empty": ("不能为空", "May not be empty"),
    "wrong_type": ("应为{expected}", "Should be {expected}"),
    "not_in_vocabulary": ("可用的值：{allowed}", "Allowed values: {allowed}"),
    "out_of_range": ("应在 {least} 与 {most} 之间", "Should lie between {least} and {most}"),
    "not_a_number": ("应为有限的数", "Should be a finite number"),
    "too_precise": ("最多 {places} 位小数", "At most {places} decimal places"),
    "too_many_items": ("最多 {most} 项", "At most {most} items"),
    "value_form": ("值不符合要求", "The value is not right"),
    "out_of_range_above": ("应大于 {least}，不超过 {most}", "Should be above {least} and at most {most}"),
    "item_form": (
        "事项代码为 1–64 个小写字母或 _，以字母开头",
        "The code of an item has 1 to 64 lower-case letters or _, and begins with a letter",
    ),
    "month_form": ("应为月份，如 2025-06", "Should be a month such as 2025-06"),
    "other_id": ("应为该单元的编号 {id}，或不填", "Should be the id of the unit, {id}, or be left out"),
    "goes_together": ("须与 {other} 一同填写", "Goes together with {other}"),
    "nothing_weighs": ("至少一项重要度须大于 0", "At least one importance has to be above 0"),
    "only_capacities": ("该项只有“有”或“无”，不填数量", "This is there or not; it takes no amount"),
    "lon_with_lat": ("经度与纬度须一同填写", "Longitude and latitude go together"),
    "bounds_reversed": ("不得小于 {other}", "May not be less than {other}"),
    "dates_reversed": ("不得早于 {other}", "May not lie before {other}"),
    "in_the_future": ("不得晚于今天（{today}）", "May not lie after today ({today})"),
    "in_the_past": ("不得早于今天（{today}）", "May not lie before today ({today})"),
    "after_the_tenancy": (
        "不得晚于租约的最后一天（{other}）",
        "May not lie after the last day of the tenancy ({other})",
    ),
    "tenant_to_verify": (
        "上一承租方租期已于 {ends_on} 届满，尚未确认其搬离、续用或续租（占用 {tenancy}），暂不能交付",
        "The term of the tenant before ended on {ends_on}, and nobody said whether it left, stays or renewed "
        "(tenancy {tenancy}): the space cannot be handed over yet",
    ),
    "renewed": (
        "该租约已续租，自 {renewed_from} 起按续租履行；须先撤回续租",
        "The tenancy is renewed from {renewed_from}; give up the renewal first",
    ),
    "end_said": ("该占用已记为 {state}", "The tenancy is recorded as {state} already"),
    "not_handed_over": (
        "承租方尚未接收该空间（{stage}）；不再继续的，请撤回该交易",
        "The tenant does not have the space ({stage}); a deal that goes no further is withdrawn",
    ),
    "temporary_use_ends": (
        "临时使用期满应当终止；民法典第734条不适用",
        "Temporary use ends with its term; Civil Code art. 734 does not make it go on",
    ),
    "term_not_over": (
        "租期至 {ends_on}，届满后继续使用而出租人未提出异议的，方为不定期租赁（民法典第734条）；届满前请办理续租",
        "The term runs to {ends_on}: only when it is over and nobody objects does the lease go on without a term "
        "(Civil Code art. 734); before, renew it",
    ),
    "let_afterwards": (
        "{ends_on} 之后该空间已由他人占用或签约，不能继续使用（民法典第734条）",
        "After {ends_on} someone else has the use of the space: the tenant cannot stay (Civil Code art. 734)",
    ),
    "unknown_reference": ("没有编号对应的记录", "There is no record with this id"),
    "unknown_attribute": (
        "没有这个扩展字段；见 docs/attributes.md",
        "There is no such attribute; see docs/attributes.md",
    ),
    "code_form": (
        "代码为 2–32 个小写字母、数字或 -，以字母或数字开头",
        "A code has 2 to 32 lower-case letters, digits or -, and begins with a letter or digit",
    ),
    "taken": ("已被使用", "Is taken already"),
    "rule_broken": ("违反规则 {rule}", "Breaks the rule {rule}"),
    "text_too_long": ("{chars} 个字符，最多 {max_chars} 个", "{chars} characters, at most {max_chars}"),
    "text_control": (
        "第 {position} 个字符 {character} 是控制字符",
        "Character {position}, {character}, is a control character",
    ),
    "text_marks": (
        "第 {position} 个字符处叠加的符号过多，最多 {most} 个",
        "At character {position} more than {most} marks are piled up",
    ),
    "text_hidden": ("第 {position} 个字符 {character} 不可见", "Character {position}, {character}, cannot be seen"),
    "text_surrogate": (
        "第 {position} 个字符 {character} 不完整",
        "Character {position}, {character}, is half a character",
    ),
    "credit_code_length": (
        "统一社会信用代码应为 18 位，现为 {length} 位",
        "A credit code has 18 characters, this has {length}",
    ),
    "credit_code_letter": (
        "第 {position} 位的 {letter} 不会出现在信用代码中，可能是 {meant}",
        "{letter} at {position} never stands in a credit code; perhaps {meant}",
    ),
    "credit_code_character": (
        "第 {position} 位的 {character} 无效，应为数字或大写字母",
        "{character} at {position} is not valid; it should be a digit or a capital letter",
    ),
    "credit_code_check": ("校验位应为 {expected}，现为 {given}", "The check digit should be {expected}, not {given}"),
    "industry_form": (
        "“{value}” 不是行业代码；应为 2–4 位数字，如 3752（GB/T 4754-2017）",
        "{value} is no industry code; 2 to 4 digits such as 3752 (GB/T 4754-2017)",
    ),
    "unknown_industry": (
        "GB/T 4754-2017 中没有 {value}；可用 /api/v1/industries?q= 查询",
        "GB/T 4754-2017 has no {value}; look it up with /api/v1/industries?q=",
    ),
    # Outlines
    "geometry_not_object": ("应为 GeoJSON 几何对象，现为 {got}", "Should be a GeoJSON geometry object, not {got}"),
    "geometry_type": ("几何类型应为 {allowed}，现为 {got}", "The geometry should be {allowed}, not {got}"),
    "coordinates_depth": ("{type} 的坐标应嵌套 {depth} 层", "The coordinates of a {type} are nested {depth} deep"),
    "geometry_empty": ("几何为空", "The geometry is empty"),
    "too_many_rings": ("环数超过 {most}", "More than {most} rings"),
    "too_many_vertices": ("{vertices} 个顶点，最多 {most} 个", "{vertices} vertices, at most {most}"),
    "position_length": (
        "坐标点应为 [经度, 纬度]，现有 {got} 个数",
        "A position is [longitude, latitude], this has {got} numbers",
    ),
    "coordinate_not_number": ("坐标应为数字，现为 {got}", "A coordinate is a number, not {got}"),
    "coordinate_not_finite": ("坐标应为有限的数", "A coordinate is a finite number"),
    "coordinate_out_of_range": ("坐标 {got} 过大", "The coordinate {got} is out of range"),
    "ring_too_short": (
        "环至少需要 {least} 个点，现有 {positions} 个",
        "A ring has at least {least} positions, this has {positions}",
    ),
    "ring_not_closed": (
        "环未闭合：首点 {first}，末点 {last} 应相同",
        "The ring is not closed: {first} and {last} should be the same",
    ),
    "axes_swapped": (
        "经纬度写反了：({x}, {y}) 应写作 [{lon}, {lat}]（先经度后纬度）",
        "Longitude and latitude are swapped: ({x}, {y}) should be [{lon}, {lat}], longitude first",
    ),
    "looks_projected": (
        "({x}, {y}) 像是投影坐标（可能是 {likely}），应转换为经纬度（EPSG:4326）",
        "({x}, {y}) look projected (perhaps {likely}); give degrees in EPSG:4326",
    ),
    "outside_china": (
        "({lon}, {lat}) 不在中国范围内（经度 {west}–{east}，纬度 {south}–{north}）",
        "({lon}, {lat}) is outside China (longitude {west} to {east}, latitude {south} to {north})",
    ),
    "zero_area": ("面积为零", "The area is zero"),
    "self_intersection": ("边界自相交，位于 ({lon}, {lat})", "The outline crosses itself at ({lon}, {lat})"),
    "hole_crosses": ("内环与外环相交，位于 ({lon}, {lat})", "A hole crosses the outer ring at ({lon}, {lat})"),
    "hole_outside": ("内环在外环之外，位于 ({lon}, {lat})", "A hole lies outside the outer ring at ({lon}, {lat})"),
    "holes_nested": ("内环互相嵌套，位于 ({lon}, {lat})", "Holes lie in each other at ({lon}, {lat})"),
    "interior_disconnected": ("内部不连通，位于 ({lon}, {lat})", "The interior is cut apart at ({lon}, {lat})"),
    "polygons_overlap": ("各部分相互重叠，位于 ({lon}, {lat})", "Its polygons overlap at ({lon}, {lat})"),
    "too_fine": (
        "坐标保留 {places} 位小数（约 1 厘米）后，图形不再成立，位于 ({lon}, {lat})；请简化此处",
        "With coordinates to {places} decimals (about 1 cm) the outline fails at ({lon}, {lat}); simplify it there",
    ),
    "shape_invalid": ("图形无效，位于 ({lon}, {lat})", "The shape is not valid at ({lon}, {lat})"),
    "outside_park": (
        "图形不在园区边界内；请检查坐标或所选园区",
        "The outline lies off the park; check the coordinates or the park",
    ),
    "outside_zone": ("图形不在该园中园内", "The outline lies off the zone"),
    "altitude_dropped": ("已舍去高程", "Heights were dropped"),
    "partly_outside_park": ("图形部分超出园区边界", "The outline lies partly outside the park"),
    "areas_differ": (
        "填报面积 {stated_m2} m² 与图形面积 {measured_m2} m² 相差过大",
        "Stated area {stated_m2} m² and drawn area {measured_m2} m² differ too much",
    ),
    # Units
    "parent_missing": ("{level} 须指定所属单元 parent_id", "A {level} names the unit it is a part of in parent_id"),
    "level_does_not_fit": ("{level} 不能挂在 {parent} 之下", "A {level} cannot hang below a {parent}"),
    "kind_does_not_fit": ("{level} 的类别应为 {kind}", "The kind of a {level} is {kind}"),
    "only_buildings": ("只有建筑可以指定所在地块", "Only a building stands on a plot"),
    "parent_is_a_leaf": ("上级单元尚未拆分", "The unit above has not been opened for parts"),
    "whole_has_claims": (
        "上级单元已有出租或交易记录，须先拆分",
        "The unit above has been let or dealt with; it must be split first",
    ),
    "whole_is_claimed": (
        "上级单元已整体出租或有进行中的交易，暂不能在其下新增部分",
        "The unit above is let as a whole, or a deal on all of it is under way: it takes no part until that is over",
    ),
    "not_a_plot": ("plot_id 应为地块", "What a building stands on is a plot"),
    "taken_with_plot": (
        "该建筑已随所在地块出租或交易，不能移出该地块",
        "The building was let or dealt with together with its plot and cannot leave it",
    ),
    "roots_overlap": (
        "与 {other} 的图形重叠，占较小者的 {share}（1 为全部）",
        "The outline overlaps that of {other}, by {share} of the smaller (1 is all of it)",
    ),
    "plot_not_named": (
        "建筑位于地块 {other} 上，但未填写 plot_id",
        "The building lies on the plot {other} and does not name it",
    ),
    "code_doubled": (
        "编号与另一单元仅在空格、全半角或大小写上不同",
        "Another unit has the same code but for blanks, width or case",
    ),
    "not_two_roots": (
        "应为同一园区、同一层级的另一地块或另一建筑",
        "Should be another plot, or another building, of the same park and the same level",
    ),
    "already_separate": ("已说明过两者各自独立", "That the two are separate was said before"),
    "not_a_draft": ("只能作废草稿，现为 {listing}", "A draft alone can be voided; this is {listing}"),
    "referred_to": ("已被其他记录引用（{by}），不能作废", "Other records refer to it ({by}): it cannot be voided"),
    "outside_whole": (
        "超出所属单元 {whole} 的图形 {area_m2} m²",
        "Lies {area_m2} m² outside {whole}, the unit it is a part of",
    ),
    "parts_overlap": (
        "与同级单元 {other} 的图形重叠 {area_m2} m²",
        "The outline overlaps that of {other}, which is part of the same unit, by {area_m2} m²",
    ),
    "part_left_outside": (
        "下级单元 {other} 有 {area_m2} m² 落在新图形之外",
        "The part {other} would lie {area_m2} m² outside",
    ),
    "parts_exceed_whole": (
        "各部分面积之和超出整体 {area_m2} m²",
        "The parts together exceed the whole by {area_m2} m²",
    ),
    "already_so": ("状态已是 {listing}", "Is {listing} already"),
    "nothing_allowed": (
        "发布前须填写可盘活方式 allowed_paths",
        "Say in allowed_paths how it may be taken before publishing",
    ),
    # Needs and rankings
    "staff_post_published": (
        "代企业发布的需求须公开给园区：listing 应为 published",
        "A need posted for a firm is for the parks to read: listing should be published",
    ),
    "importances": (
        "至少有一项适用的指标重要度大于 0",
        "At least one criterion that applies needs an importance above 0",
    ),
    "no_criterion_weighs": (
        "{kind} 没有任何可衡量的指标；请把至少一项的重要度设为大于 0",
        "Nothing is left to weigh for {kind}; give at least one criterion an importance above 0",
    ),
    "coordinates": (
        "地点只用一种坐标：经纬度 lon、lat，或与单元同一平面的 x_m、y_m（米）",
        "A place is lon and lat, or x_m and y_m in the plane of the units, and never both",
    ),
    "within_plane": (
        "范围以经纬度表示，单元却以平面坐标给出",
        "The area is in degrees, and the units lie in a plane",
    ),
    "changed_meanwhile": ("排序期间需求已被修改，请重试", "The need changed while it was ranked; try again"),
    "other_demand": ("两次排序须属于同一需求", "Both rankings should be of the same need"),
    "already_pinned": (
        "该单元对此需求已置顶或搁置，请先撤销",
        "The unit is pinned or set aside for this need; take that away first",
    ),
    "refusals_alone": ("只有拒绝（refused）才填写", "Goes with a refusal only"),
    "rows_not_kept": (
        "该排序未保存所用数据，无法重算",
        "The rows this ranking rested on were not kept: it cannot be computed anew",
    ),
    "version_gone": (
        "无法读取当时的版本 {version}",
        "The version it was made under, {version}, cannot be read",
    ),
    # Deals
    "already_taken": (
        "该空间在此期间已被占用或已有进行中的交易",
        "The space is taken, or another deal on it is under way",
    ),
    "building_taken": (
        "地块上的建筑 {other} 在此期间已被占用或已有进行中的交易",
        "The building {other} on the plot is taken then, or another deal on it is under way",
    ),
    "overlapping_taken": (
        "图形与其重叠的 {other} 在此期间已被占用或已有进行中的交易；两者若确为不同空间，请先说明理由（separations）",
        "{other}, which it overlaps, is taken then, or a deal on it is under way; "
        "if the two are separate all the same, say why first (separations)",
    ),
    "not_land_alone": ("仅土地交易可以不含地上建筑", "Only a deal on land can leave out the buildings on it"),
    "unit_has_parts": ("该单元已分割，请选择其中的部分", "The unit has parts; choose among them"),
    "not_published": ("单元未发布（{listing}）", "The unit is not published ({listing})"),
    "no_chinese_font": (
        "本机没有中文字体，无法排版；请安装 fonts-noto-cjk",
        "This machine has no Chinese font to set pages with; install fonts-noto-cjk",
    ),
    "year_closed": (
        "该年度已关账，变更须写明原因（reason）",
        "That year is closed: its figures change only with a reason",
    ),
    "already_closed": ("{year} 年已关账", "{year} is closed already"),
    "year_not_over": ("{year} 年尚未结束，不能关账", "{year} is not over and cannot be closed"),
    "not_land": ("仅适用于土地", "This is for land only"),
    "path_not_allowed": ("该单元不允许 {path}", "The unit does not allow {path}"),
    "promised_twice": (
        "{name}（{period}）已由协议 {agreement} 承诺：不能重复计入；请写明取代的协议（replaces），或先更正、撤回该协议",
        "{name} ({period}) is promised by agreement {agreement} already and counts once: say which agreement this one "
        "replaces, or correct or take back that one first",
    ),
    "promised_already": (
        "同一指标在同一期间已有承诺",
        "The same figure is promised for these days already",
    ),
    "replaced_already": ("该协议已被取代", "That agreement is replaced already"),
    "agreement_not_in_force": (
        "该协议的状态为 {state}，不能再变更",
        "The agreement is {state}: it can not be changed any more",
    ),
    "promise_not_in_force": (
        "该承诺指标的状态为 {state}，不再填报",
        "The figure promised is {state}: nothing more is reported of it",
    ),
    "after_the_promise": (
        "该期间晚于承诺的截止日 {due_on}",
        "The period lies after the promise, which ends on {due_on}",
    ),
    "told_twice": ("与 {first} 重复", "The same as {first}"),
    "listed_twice": ("同一空间被列出两次", "The same space is listed twice"),
    "several_parks": ("一笔交易只能涉及一个园区", "A deal lies in one park"),
    "deal_is_off": ("该交易已是 {stage}，不再约定新的事项", "The deal is {stage}: nothing new is agreed for it"),
    "no_such_step": (
        "不能从 {current} 到 {target}；可以：{possible}",
        "There is no step from {current} to {target}; possible: {possible}",
    ),
    "scheme_missing": (
        "参数 {kind} 尚未装载：请运行 panhuo load reference",
        "The parameters {kind} are not loaded: run panhuo load reference",
    ),
    "only_corrected": (
        "{stage} 之后不能退回，只能更正（corrected）",
        "There is no going back behind {stage}; only a correction (corrected)",
    ),
    "never_reached": (
        "交易未曾到过 {stage}，不能退回到它",
        "The deal never was at {stage}, or it cannot be gone back to",
    ),
    "too_long": (
        "此路径最长 {years} 年，不得晚于 {latest}（{article}）",
        "This path lasts {years} years at most: may not lie after {latest} ({article})",
    ),
    "beyond_the_land": (
        "不得晚于土地使用权的终止日 {latest}（{article}）",
        "May not lie after the end of the right to the land, {latest} ({article})",
    ),
    "beyond_the_head_lease": (
        "不得晚于转租人自己租期的最后一天 {latest}（{article}）",
        "May not lie after the last day of the lease of the tenant who lets on, {latest} ({article})",
    ),
    "after_the_stage": ("不得晚于 {stage}（{other}）", "May not lie after {stage} ({other})"),
    "already_reached": (
        "{stage} 已有记录；请先说明理由撤销（仅 reason），再重新填写",
        "{stage} is told already: take it back first, with a reason alone, then tell it anew",
    ),
    "not_a_tenant": (
        "当日并非该房屋的承租人",
        "Is no tenant of these buildings on that day",
    ),
    "one_unit": ("填写面积的交易只能涉及一个单元", "A deal that states a part of the area is on one unit"),
    "area_unknown": ("请先在单元上填写其面积", "State the area of the unit first"),
    "period_not_over": (
        "该期至 {ends_on} 结束，结束后方可填报实绩",
        "The period ends on {ends_on}: what came of it is reported afterwards",
    ),
    "before_the_promise": (
        "承诺自 {starts_on} 起，此前的期间不填报",
        "The promise runs from {starts_on}: there is nothing to report before",
    ),
    "already_reported": (
        "该期已填报（{value}）；更正须写明原因",
        "The period is reported already ({value}); a correction gives its reason",
    ),
    "nothing_to_correct": (
        "该期尚未填报，没有可更正的；请去掉原因",
        "Nothing is reported of the period yet, so nothing is corrected; leave the reason out",
    ),
    "item_without_name": (
        "参数中没有该事项；请同时填写其 name",
        "The scheme has no such item; give it a name as well",
    ),
    "more_than_held": ("不得超过该单元的面积 {most} m²", "May not exceed the area of the unit, {most} m²"),
    "shares_not_whole": ("份额合计应为 100 %（1），现为 {total}", "Shares come to 1 (100 %) together, not {total}"),
    "shares_differ": (
        "企业 {firm} 的份额应为 {share}，与合同一致",
        "The share of the firm {firm} should be {share}, as agreed",
    ),
    "giver_is_taker": ("出资方与接收方不能是同一企业", "The giver and the taker are two firms"),
    "evidence_of_a_live_deal": (
        "该阶段不早于登记日 {recorded_on}，须提供依据；not_stated 仅用于补录此前发生的事",
        "This is no earlier than {recorded_on}, when the deal was recorded: it needs evidence. "
        "not_stated is for what is told afterwards",
    ),
    "evidence_missing": (
        "进行中的交易须先补齐依据：{stages}",
        "A live deal needs evidence for these stages first: {stages}",
    ),
    "title_seized": ("产权被查封，不能转移", "The title is under seizure and cannot pass"),
    "title_mortgaged": (
        "产权抵押未注销，须先注销或取得抵押权人同意",
        "The title is mortgaged: the mortgage must be released, or its creditor consent, first",
    ),
    "contribution_secured": (
        "设有担保的财产不得作价出资，须先注销抵押，抵押权人同意仍不足（{article}）",
        "Property given as security may not be contributed: release it first, consent is not enough ({article})",
    ),
    "invested_too_little": (
        "出让土地已完成投资 {share}，不足法定比例，不能转移登记；可先办预告登记 pre_registered（{article}）",
        "Of the investment on this granted land {share} is made, less than the law asks: title cannot pass; "
        "pre-registration (pre_registered) is possible ({article})",
    ),
    "invested_unknown": (
        "请先在土地的开发情况中填写约定投资与已完成投资；可先办预告登记 pre_registered（{article}）",
        "State the agreed and the made investment of this granted land first; "
        "pre-registration (pre_registered) is possible ({article})",
    ),
    "not_the_owner": (
        "台账上该单元的产权人另有其人（{owner}），业主重启须由产权人办理；其他企业使用请走租赁等路径",
        "The ledger has others as owners of the unit ({owner}); it is restarted by its owner, others take a lease",
    ),
    "title_unregistered": ("产权未登记，不能转移", "The title is not registered and cannot pass"),
    "title_unknown": (
        "请先在单元上填写：{unknown}",
        "Say on the unit first what is known of: {unknown}",
    ),
    "title_held_in_part": (
        "其上级或部分单元的产权已单独登记，不能整体转移",
        "The title of a part of it, or of the whole it belongs to, is recorded by itself",
    ),
    "above_appraisal": ("作价不能高于评估价值 {most} 元", "May not exceed the appraised value, {most} yuan"),
    "appraisal_expired": ("评估有效期至 {until}，请重新评估", "The appraisal served until {until}: appraise anew"),
    "not_the_holder": ("出资方不是该产权的唯一持有人", "The giver does not hold this title alone"),
    "passed_on": (
        "产权其后已转移，请先更正后一笔交易",
        "The title has passed on since: correct the later deal first",
    ),
    "not_reached": (
        "该单元尚未达到计数日，请直接修改单元的闲置起始",
        "Nothing of this unit has been judged yet: state its idle start on the unit itself",
    ),
    "not_begun": (
        "租约自 {starts_on} 开始，尚不能交付",
        "The tenancy begins on {starts_on}; it cannot be handed over yet",
    ),
}

#: What a deal notes: the act stands, and the law asks for more. The article stands beside each.
NOTES: dict[str, tuple[str, str]] = {
    "tenant_not_notified": (
        "订约或拍卖前未见通知承租人的记录；其优先购买权受侵害可请求赔偿，买卖有效",
        "No notice to a sitting tenant is on record; the sale stands, the tenant may claim damages",
    ),
    "tenant_notified_late": (
        "通知承租人距订约或拍卖不足法定天数，且其未表示放弃",
        "A sitting tenant who has not waived was told fewer days before the contract or auction than the law asks",
    ),
    "tenant_exercises": (
        "承租人主张以同等条件优先购买",
        "A sitting tenant wants to buy on the same terms",
    ),
    "invested_share_unknown": (
        "补录：产权转移时已完成投资的比例不详",
        "Told afterwards: what share of the investment was made when title passed is not known",
    ),
    "land_right_unknown": (
        "土地权利性质未填写：如为出让土地，转让须已完成投资总额的百分之二十五",
        "How the land is held is not stated: granted land passes once 25 % of the investment is made",
    ),
}
