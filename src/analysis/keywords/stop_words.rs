//! Words that say nothing about a subject, by language.

/// Of the language with that ISO 639-3 code, lower case, apart by white space; `None` if it has no
/// list.
pub fn stop_words(language: &str) -> Option<&'static str> {
    Some(match language {
        "eng" => ENGLISH,
        "deu" => GERMAN,
        "fra" => FRENCH,
        "spa" => SPANISH,
        "ita" => ITALIAN,
        "por" => PORTUGUESE,
        "nld" => DUTCH,
        "pol" => POLISH,
        "swe" => SWEDISH,
        "dan" => DANISH,
        "nob" | "nno" => NORWEGIAN,
        "fin" => FINNISH,
        "rus" => RUSSIAN,
        _ => return None,
    })
}

const ENGLISH: &str = "a about above after again against all almost along already also although always am among \
    an and another any anyone anything are around as at away back be became because become been before began being \
    below best better between both bring but by came can cannot come comes could day days did different do does doing \
    done down during each early easily easy eight either else end enough even ever every everyone everything few find fifth first \
    five for found four fourth from full further gave get gets give given gives go goes going gone good got had half has have \
    having he held her here hers herself him himself his how however i if in inside into is it its itself just keep \
    keeps kept kind knew know known large last late later least leave leaves left less let like little long longer look \
    made make makes making many may me mean means might mine more most much must my myself near need needs never new \
    next no nobody none nor not nothing now of off often old on once one only onto or other others our ours ourselves \
    out over own part people per perhaps place please put quite rather really right round said same saw say says second see \
    seem seems seen set several shall she should show shows side seven seventh simply since six sixth small so some someone something \
    sometimes soon still such take taken takes tell ten than that the their theirs them themselves then there therefore \
    these they thing things think third this those though three through thus time times to today together told too took \
    toward towards tried try turn turned turns twice two under until up upon us use used uses using usually very want \
    wants was way ways we week weeks well went were what when whenever where whether which while who whole whom whose \
    why will with within without work works would write writes written wrote year years yes yet you your yours yourself don't doesn't didn't isn't \
    it's i'm that's there's won't can't wasn't couldn't";

const GERMAN: &str = "aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bin bis \
    bist da dabei dadurch dafür damit danach dann daran darauf das dass davon dazu dein deine dem den denen denn der deren \
    des dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines \
    einige er erst es etwa etwas euch euer für gegen gibt habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen \
    ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder jedes jedoch kann kein keine keinen können \
    könnte machen man mehr mein meine mich mir mit muss müssen nach neben nicht nichts noch nun nur ob oder ohne schon \
    sehr sein seine seinem seinen seiner seit sich sie sind so sogar solche soll sollen sollte sondern sonst über um und \
    uns unser unter viel viele vom von vor war waren was weil weiter welche wenn wer werden wie wieder will wir wird wo \
    wurde wurden würde während zu zum zur zwar zwei zwischen jahr jahre jahren heute ganz";

const FRENCH: &str = "ai ainsi alors après as au aucun aussi autre autres aux avant avait avec avoir avons bien car ce ceci \
    cela celle celles celui ces cet cette ceux chaque chez comme comment contre d'un d'une dans de depuis des deux deçà donc \
    dont du elle elles en encore entre es est et étaient était étant été être eu eux fait faire faut fois font ici il ils \
    jamais je jusqu jusque l'on la là le les leur leurs lors lorsque lui ma mais me même mêmes mes moi moins mon ne ni \
    non nos notre nous on ont ou où par parce pas pendant peu peut peuvent plus plusieurs pour pourquoi puis quand que \
    quel quelle quelles quelque quelques quels qui quoi sa sans se sera ses si soit sommes son sont sous souvent sur ta \
    tandis te tel telle tes toi ton toujours tous tout toute toutes très trop tu un une vers voici voilà vont vos votre \
    vous c'est n'est qu'il qu'elle qu'on qu'un s'est d'autres an ans année années";

const SPANISH: &str = "a al algo alguna algunas alguno algunos allí ante antes año años aquel aquella aquí así aún aunque bajo \
    bien cada casi como con contra cual cuales cuando cuanto de del desde donde dos durante e el él ella ellas ello ellos \
    en entonces entre era eran es esa esas ese eso esos esta está están estas este esto estos fue fueron ha había habían \
    hace hacer hacia han hasta hay he la las le les lo los luego más me mi mientras mis misma mismo mucha muchas mucho \
    muchos muy nada ni no nos nosotros nuestra nuestro nunca o os otra otras otro otros para pero poco por porque pues \
    puede pueden que qué quien quienes se sea según ser si sí sido siempre sin sino sobre solo sólo son su sus también \
    tan tanto te tiene tienen toda todas todavía todo todos tras tu tus un una unas uno unos usted ya yo";

const ITALIAN: &str = "a abbia abbiamo ad ai al alcuni alla alle allo allora altra altre altri altro anche ancora anni anno \
    aveva avevano avere c'è che chi ci ciò col come con così cosa cui da dai dal dalla dalle dallo degli dei del della \
    delle dello dentro di dopo dove due e è ed era erano essere fa fare fino fra gli già ha hanno ho i il in invece io \
    l'ha la le lei li lo loro lui ma mai me meno mentre mi mia mio molti molto ne negli nei nel nella nelle nello nessun \
    niente no noi non nostra nostro o ogni oppure ora per perché però più po' poco poi possono può prima proprio qua \
    quale quali qualche quando quanto quasi quella quelle quelli quello questa queste questi questo qui quindi sarà se \
    sei sempre senza si sia siamo sono sopra sotto stata stati stato sta su sua sue sui sul sulla sulle suo suoi tanto te \
    ti tra tutta tutte tutti tutto un un'altra una uno verso vi voi";

const PORTUGUESE: &str = "a à ainda algo alguma algumas alguns ali ano anos antes ao aos apenas apesar após aquela aquele aquilo \
    aqui as às assim até através cada com como contra da daquele das de dela dele deles depois desde dessa desse desta deste \
    deve dia disso do dois dos duas durante e é ela elas ele eles em enquanto então entre era eram essa essas esse esses \
    esta está estão estas estava este estes eu faz fazer foi foram há isso isto já lhe lhes lo mais mas me mesma mesmo \
    meu minha muita muitas muito muitos na não nas nem nenhum nessa nesse nesta neste no nos nós nossa nosso num numa \
    nunca o onde os ou outra outras outro outros para pela pelas pelo pelos pode podem por porque pouco quais qual quando \
    quanto que quem são se seja sem sempre sendo ser será seu seus só sob sobre sua suas também tanto te tem têm tinha \
    toda todas todo todos tudo um uma umas uns vai você vocês";

const DUTCH: &str = "aan al alle alleen alles als altijd ander andere anderen beide ben bij bijna binnen boven daar daarna \
    daarom dan dat de deze die dit doen door dus echter een eens eerst elk elke en er ergens even geen geweest gewoon ging \
    had hadden hare heb hebben heeft heel hem hen het hier hij hoe hoewel hun ieder iedereen iemand iets ik in is ja jaar \
    jaren je jij jou jouw jullie kan kon konden kunnen kwam maar maken meer meest men met mij mijn moest moet moeten na \
    naar nadat net niet niets nog nooit nu of om omdat onder ons onze ook op over pas per samen sinds soms staat steeds \
    te tegen terwijl tijdens toch toen tot tussen twee uit uw van vanaf veel verder vol voor vooral waar waarom wanneer \
    want waren was wat weer wel welke werd werden wie wij wil worden wordt zal ze zeer zei zelf zich zij zijn zo zoals \
    zonder zou zouden";

const POLISH: &str = "a aby albo ale ani aż bardziej bardzo bez bo bowiem by być był była było były będzie będą chce choć ci \
    ciągle co coś czego czy czyli dla dlaczego dlatego do dopiero dwa dzień gdy gdyby gdyż gdzie go i ich ile im inne inny \
    iż ja jak jaka jakie jako je jeden jednak jedna jedno jego jej jemu jest jestem jeszcze jeśli jeżeli już każda każdy \
    kiedy kilka kto która które którego której których który którzy którym lat lecz lub ma mają mi mimo między mnie może \
    można mu musi my na nad nam nas nasz nawet nic nich nie niej nigdy nim niż no o obok od on ona one oni ono oraz pan po \
    pod podczas ponieważ poza prawie przed przede przez przy roku również są się sobie swoje swój ta tak taka taki takie \
    także tam te tego tej ten też to tobą tu tutaj ty tych tylko tym u w we wam was według więc wiele wszystkie wszystko \
    wtedy wy z za zawsze ze że żeby znów został została";

const SWEDISH: &str = "all alla allt allting alltid alltså andra att av bara bland blev bli blir både bör dag de dem den denna \
    deras dess dessa det detta dig din dina ditt dock du där därför då efter eftersom ej eller en ett fanns fick finns fler \
    flera fram från få får för före först ganska genom gick gjorde gör göra ha hade han hans har hela heller henne hennes \
    hos hur här i ibland icke igen in inga ingen inget innan inom inte ju kan kanske kom kommer kunde kunna lite man många \
    med mellan men mer mest mig min mina mindre mitt mot mycket måste ni nog nu när någon något några och också om oss \
    på redan samma samt sedan sig sin sina sitt själv skall ska skulle som så sådan sådana till två under upp ur ut utan \
    vad var vara varför varit varje vem vi vid vilka vilken vilket vill är åt år även över";

const DANISH: &str = "ad af aldrig alle allerede alt altid anden andet andre at bare begge blandt blev blevet blive bliver bør \
    da de deg dem den denne der deres derfor det dette dig din dine disse dit dog du efter ej eller en end endnu er et fik \
    fire flere for fordi fra får før først gennem gik gjorde godt gøre gør ham han hans har havde have helt hende hendes \
    her hos hun hvad hver hvis hvor hvordan hvorfor hvornår i igen ikke ind ingen intet jeg jer jo kan kom komme kommer \
    kun kunne lidt lige man mange med meget mellem men mens mere mest mig min mindre mine mit mod må måske ned nej noget \
    nogen nogle nu når og også om omkring op os over på samme sammen selv senere sidste sig sin sine sit skal skulle som \
    stadig så sådan thi til to ud uden under var ved vi vil ville vor vore være været år";

const NORWEGIAN: &str = "alle allerede alltid alt andre annen annet at av bare begge ble blei bli blir blitt både da de deg dem \
    den denne der dere deres derfor det dette di din disse ditt du dykk då eg ein eit eller en enn er et etter ett ei fikk \
    flere for fordi fra før først få får gjennom gjorde gjør gjøre ha hadde han hans har hele helt henne hennes her hjå ho \
    hos hun hva hvem hver hvilke hvilken hvis hvor hvordan hvorfor i ifra ikke ikkje igjen ingen ingi inkje inn inne ja \
    jeg kan kom kommer korleis kva kun kunne kvar kven litt man mange me med meg mellom men mens mer mest mi min mine \
    mitt mot mye må mykje nede no noe noen noko nokon nokre nå når og også om opp oss over på samme seg selv si siden sin \
    sine sitt sjøl skal skulle som so står så sånn til to under ut uten var vart ved vi vil ville være vært vår år";

const FINNISH: &str = "ei eikä eivät ehkä ellei emme en enemmän ennen ensin eräs että hän hänen häntä heidän heille he hyvin itse \
    ja jo joiden joihin joissa joita joka jokainen joko joku jolla jolle jolloin jonka jopa jos joskus jossa josta jota \
    jotka jotta juuri kaikki kaikkien kaksi kanssa kautta kerran keskellä koko koska koskaan kuin kuinka kuitenkin kun \
    kuten kyllä lisäksi luona lähes me meidän meille mihin mikä mikään miksi millainen millä minkä minua minulla minun \
    minä missä mistä miten mitä monet moni mukaan mukana mutta muu muut myös myöskin ne niiden niin niitä noin nuo nyt \
    olen oli olisi olivat olla olleet ollut on ovat paitsi paljon pitkin pois poikki saa sama se sekä sen siellä siihen \
    siinä siis siitä sillä sinä sitten sitä suhteen tai tarpeeksi te tämä tämän tällä tässä tästä tätä tuo tuota vaan \
    vaikka vain vasta vastaan vielä vieläkin voi voivat vuoden vuonna vuotta yhä yksi yli ylös ympäri";

const RUSSIAN: &str = "а без более больше бы был была были было быть в вам вас вдруг ведь во вот впрочем все всегда всего всех \
    всю вы где говорит год года году да даже два для до другие другой его ее если есть еще ещё её же за здесь и из или \
    им иногда их к каждый как какая какой когда конечно которая которого которой которые который которых кто куда лет ли \
    лучше между меня мне много может можно мой моя мы на над надо наконец нас не него нее ней нельзя нет ни нибудь \
    никогда ним них ничего но ну о об один однако он она они оно опять от очень перед по под после потом потому почти \
    при про раз разве с сам самый свою своего своей свои себе себя сегодня сейчас со совсем среди так также такой там те \
    тебя тем теперь то тогда того тоже только том тот три тут ты у уж уже хорошо хоть чего человек чем через что чтоб \
    чтобы чуть эта эти этих это этого этой этом этот эту я";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_lower_case_and_of_their_language() {
        let check = |code, word: &str| {
            let list: Vec<&str> = stop_words(code).unwrap().split_whitespace().collect();
            assert!(list.contains(&word), "{code}");
            assert!(list.len() >= 80, "{code}: {}", list.len());
            assert!(list.iter().all(|word| word.to_lowercase() == *word));
        };
        check("eng", "the");
        check("deu", "nicht");
        check("fra", "être");
        check("spa", "también");
        check("ita", "perché");
        check("por", "não");
        check("nld", "niet");
        check("pol", "jest");
        check("swe", "också");
        check("dan", "hvordan");
        check("nob", "ikke");
        check("nno", "ikkje");
        check("fin", "mutta");
        check("rus", "который");
        assert_eq!(stop_words("cmn"), None);
    }
}
